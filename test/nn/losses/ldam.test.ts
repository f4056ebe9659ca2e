import { describe, expect, it } from 'vitest';
import { classWeights, indices, LDAMLoss, type Loss } from '../../../src/node.ts';
import { randomTensor, useGpu } from '../../gpu.ts';

const held = useGpu();
const COUNTS = [500, 120, 30, 8, 0];

describe("LDAMLoss's deferred re-weighting", () => {
  const options = { reweightFrom: 2, weight: [1, 1, 1, 1, 2], reduction: 'sum' } as const;
  const value = async (loss: Loss) => {
    const x = randomTensor(held.gpu, [3, 5], 8, { low: -0.1, high: 0.1 });
    return loss.call(x, indices(held.gpu, [0, 2, 3])).item();
  };

  it('starts with its epoch, and an earlier epoch takes it back', async () => {
    const loss = new LDAMLoss(COUNTS, options);
    const before = await value(loss);
    loss.setEpoch(1);
    expect(await value(loss)).toBe(before);
    loss.setEpoch(2);
    expect(loss.weight).toEqual(classWeights(COUNTS, 'effective-number'));
    const after = await value(loss);
    expect(after).not.toBe(before);
    loss.setEpoch(5);
    expect(await value(loss)).toBe(after);
    loss.setEpoch(0);
    expect(await value(loss)).toBe(before);
  });

  it('can be started by hand, with weights of the caller', async () => {
    const loss = new LDAMLoss(COUNTS);
    const before = await value(loss);
    loss.startReweighting([2, 2, 2, 2, 2]);
    // The sum of three losses, each doubled by the weights, but for the mean, which is the same.
    expect(await value(loss)).toBeCloseTo(before, 5);
    loss.startReweighting();
    expect(loss.weight).toEqual(classWeights(COUNTS, 'effective-number'));
    loss.setEpoch(0);
    expect(loss.weight).toEqual(classWeights(COUNTS, 'effective-number'));
  });
});
