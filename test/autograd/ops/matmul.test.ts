import { describe, expect, it } from 'vitest';
import { linear } from '../../../src/autograd/ops/linear.ts';
import { matmul } from '../../../src/autograd/ops/matmul.ts';
import { gradcheck, scale } from '../../../src/node.ts';
import { randomTensor, useGpu } from '../../gpu.ts';

const held = useGpu();
// Linear in each argument: no curvature error at a step of 0.5.
const LINEAR = { step: 0.5, absolute: 2e-5, relative: 2e-5, elements: 40 };

describe('matmul and linear', () => {
  it.each([
    [false, false],
    [false, true],
    [true, false],
    [true, true],
  ])('gradients in mid-graph, transposeA %s, transposeB %s', async (transposeA, transposeB) => {
    const { gpu } = held;
    for (const [m, n, k] of [
      [3, 5, 7],
      [8, 12, 4],
      [1, 4, 8],
    ]) {
      const a = randomTensor(gpu, transposeA ? [k, m] : [m, k], 1, { requiresGrad: true });
      const b = randomTensor(gpu, transposeB ? [n, k] : [k, n], 2, { requiresGrad: true });
      const checked = await gradcheck(
        (p, q) => scale(matmul(scale(p, 2), scale(q, 3), { transposeA, transposeB }), 0.5),
        [a, b],
        LINEAR,
      );
      expect(checked).toBeGreaterThan(10);
    }
  });

  it('linear: gradients in mid-graph', async () => {
    const { gpu } = held;
    const inputs = [[3, 6], [6, 10], [10]].map((shape, i) => randomTensor(gpu, shape, i, { requiresGrad: true }));
    await gradcheck((x, w, b) => scale(linear(scale(x, 2), w, b), 0.5), inputs, LINEAR);
  });

  it('says what does not fit', () => {
    const { gpu } = held;
    const a = randomTensor(gpu, [2, 3], 1);
    expect(() => matmul(a, a)).toThrow('matmul: [2,3] and [2,3] do not fit: 3 columns meet 2 rows.');
    expect(() => linear(a, a)).toThrow(
      'linear: an input [N, in] and a weight [in, out] are needed; their shapes are [2,3] and [2,3].',
    );
  });
});
