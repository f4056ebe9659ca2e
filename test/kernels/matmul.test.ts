import { afterEach, describe, expect, it } from 'vitest';
import { matmul, transpose } from '../../src/kernels/matmul.ts';
import { type Gpu, openDevice, readShader } from '../../src/node.ts';
import { RUNGS } from '../../src/runtime/rungs.ts';
import { randomValues, relativeError, useGpu } from '../gpu.ts';

const held = useGpu();
afterEach(() => {
  held.gpu.forcedRung = undefined;
});

// Up to 576 products of random numbers: √576 · 6e-8 ≈ 1.5e-6, relative to the largest output.
const TOLERANCE = 1e-5;

const sizes = [
  [1, 1, 1],
  [1, 10, 16],
  [7, 5, 3],
  [9, 36, 20],
  [64, 64, 64],
  [33, 68, 36],
  [100, 128, 576],
  [5, 12, 30],
];

describe.each(RUNGS)('matmul, %s rung', (rung) => {
  it.each(sizes.map(([m, n, k]) => ({ m, n, k })))('$m × $k by $k × $n, in all transposes', async ({ m, n, k }) => {
    const { gpu } = held;
    gpu.forcedRung = rung;
    const a = randomValues(m * k, 1);
    const b = randomValues(k * n, 2);
    const expected = new Float64Array(m * n);
    for (let i = 0; i < m; i++)
      for (let p = 0; p < k; p++) for (let j = 0; j < n; j++) expected[i * n + j] += a[i * k + p] * b[p * n + j];
    const turn = (values: Float32Array, rows: number, columns: number) =>
      Float32Array.from(values, (_, i) => values[(i % rows) * columns + Math.floor(i / rows)]);
    for (const transposeA of [false, true]) {
      for (const transposeB of [false, true]) {
        const result = gpu.scope(() =>
          matmul(gpu.upload(transposeA ? turn(a, m, k) : a, 'a'), gpu.upload(transposeB ? turn(b, k, n) : b, 'b'), {
            m,
            n,
            k,
            transposeA,
            transposeB,
          }),
        );
        expect(relativeError(await result.read(), expected)).toBeLessThan(TOLERANCE);
      }
    }
  });
});

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
      expect(relativeError(await product(rung, gpu), await product('naive', held.gpu))).toBeLessThan(TOLERANCE);
    }
  } finally {
    gpu.close();
  }
});

it.each([
  [3, 5, 7],
  [2, 8, 12],
  [9, 4, 4],
  [1, 6, 8],
])('transposes a stack of matrices: %i of %i × %i', async (stack, rows, columns) => {
  const { gpu } = held;
  const area = rows * columns;
  const x = randomValues(stack * area, 3);
  const from = (i: number) => Math.floor(i / area) * area + (i % rows) * columns + Math.floor((i % area) / rows);
  expect(await transpose(gpu.upload(x, 'x'), stack, rows, columns).read()).toEqual(x.map((_, i) => x[from(i)]));
});
