import { describe, expect, it } from 'vitest';
import { bmm, gradcheck, scale } from '../../../src/node.ts';
import { randomTensor, useGpu } from '../../gpu.ts';

const held = useGpu();
// Linear in each argument: no curvature error at a step of 0.5.
const LINEAR = { step: 0.5, absolute: 2e-5, relative: 2e-5, elements: 40 };

describe('bmm', () => {
  it.each([
    [false, false],
    [false, true],
    [true, false],
    [true, true],
  ])('gradients in mid-graph, transposeA %s, transposeB %s', async (transposeA, transposeB) => {
    const { gpu } = held;
    for (const [batch, m, n, k] of [
      [2, 3, 5, 7],
      [3, 8, 4, 1],
      [1, 1, 4, 8],
    ]) {
      const a = randomTensor(gpu, transposeA ? [batch, k, m] : [batch, m, k], 1, { requiresGrad: true });
      const b = randomTensor(gpu, transposeB ? [batch, n, k] : [batch, k, n], 2, { requiresGrad: true });
      const f = (p: typeof a, q: typeof b) => scale(bmm(scale(p, 2), scale(q, 3), { transposeA, transposeB }), 0.5);
      expect(f(a, b).shape).toEqual([batch, m, n]);
      await gradcheck(f, [a, b], LINEAR);
    }
  });

  it('says what does not fit', () => {
    const { gpu } = held;
    const a = randomTensor(gpu, [2, 3, 4], 1);
    expect(() => bmm(a, a)).toThrow('bmm: [2,3,4] and [2,3,4] do not fit: 4 columns meet 3 rows.');
    expect(() => bmm(a, randomTensor(gpu, [1, 4, 5], 1))).toThrow(
      'bmm: both operands must be [B, rows, columns] with one B; their shapes are [2,3,4] and [1,4,5].',
    );
  });
});
