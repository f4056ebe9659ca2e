import { expect, it } from 'vitest';
import { MATMUL, TRANSPOSE } from '../../src/inspect/conformance/cases/products.ts';
import { matmul } from '../../src/kernels/matmul.ts';
import { type Gpu, openDevice, readShader } from '../../src/node.ts';
import { randomValues, relativeError, useGpu } from '../gpu.ts';
import { checkFamily } from './check_family.ts';

const held = useGpu();

checkFamily(MATMUL, held);
checkFamily(TRANSPOSE, held);

it('cuts its grid as the shader says, whatever the shader says', async () => {
  const other = (name: string) =>
    readShader(name)
      .replace(/^const ROWS = 32u;/m, 'const ROWS = 16u;')
      .replace('@workgroup_size(256)', '@workgroup_size(32)');
  const gpu = await openDevice({ shaders: other, poison: true });
  try {
    const [m, n, k] = [70, 36, 8];
    const [a, b] = [randomValues(m * k, 1), randomValues(k * n, 2)];
    const product = async (rung: 'naive' | 'subgroup', on: Gpu) => {
      on.forcedRung = rung;
      return matmul(on.upload(a, 'a'), on.upload(b, 'b'), { m, n, k }).read();
    };
    expect(gpu.shader('matmul_subgroup').constants.ROWS).toBe(16);
    for (const rung of ['naive', 'subgroup'] as const) {
      expect(relativeError(await product(rung, gpu), await product('naive', held.gpu))).toBeLessThan(1e-5);
    }
  } finally {
    gpu.close();
  }
});
