import { describe, expect, it } from 'vitest';
import {
  adjustLogits,
  CrossEntropyLoss,
  indices,
  LogitAdjustmentLoss,
  type Tensor,
  tensor,
} from '../../../src/node.ts';
import { randomTensor, useGpu } from '../../gpu.ts';

const held = useGpu();
const COUNTS = [500, 120, 30, 8, 0];

describe('LogitAdjustmentLoss', () => {
  it('gives a class without samples no gradient', async () => {
    const { gpu } = held;
    const x = randomTensor(gpu, [1, 5], 1, { requiresGrad: true });
    new LogitAdjustmentLoss(COUNTS).call(x, indices(gpu, [1])).backward();
    const gradient = await (x.grad as Tensor).data();
    expect(gradient[4]).toBe(0);
    expect(gradient.slice(0, 4).every((g) => g !== 0)).toBe(true);
  });
});

describe('adjustLogits', () => {
  it('takes τ · log of the prior off, and leaves a class without samples as it is', async () => {
    const { gpu } = held;
    const logits = tensor(gpu, [
      [1, 2, 3],
      [0, 0, 0],
    ]);
    const adjusted = await adjustLogits(logits, [75, 25, 0], 2).data();
    const terms = [-2 * Math.log(0.75), -2 * Math.log(0.25), 0];
    const expected = [1, 2, 3, 0, 0, 0].map((v, i) => v + terms[i % 3]);
    for (const [i, value] of expected.entries()) expect(adjusted[i]).toBeCloseTo(value, 5);
    expect(() => adjustLogits(logits, [1, 2])).toThrow('adjustLogits: 2 counts do not fit logits [2,3].');
  });

  it('undoes what the loss adds', async () => {
    const { gpu } = held;
    const counts = [500, 120, 30, 8];
    const logits = randomTensor(gpu, [2, 4], 3);
    const labels = indices(gpu, [3, 0]);
    const loss = new LogitAdjustmentLoss(counts, { tau: 1.5, reduction: 'none' });
    const undone = await loss.call(adjustLogits(logits, counts, 1.5), labels).data();
    const plain = await new CrossEntropyLoss({ reduction: 'none' }).call(logits, labels).data();
    for (const [n, value] of plain.entries()) expect(undone[n]).toBeCloseTo(value, 5);
  });
});
