import { describe, expect, it } from 'vitest';
import {
  BalancedSoftmaxLoss,
  ClassBalancedLoss,
  CrossEntropyLoss,
  FocalLoss,
  indices,
  LabelSmoothingLoss,
  LDAMLoss,
  LogitAdjustmentLoss,
  tensor,
} from '../../../src/node.ts';
import { randomTensor, useGpu } from '../../gpu.ts';

const held = useGpu();
const COUNTS = [500, 120, 30, 8, 0];

describe('a loss with numbers of its own', () => {
  it('uploads them once', async () => {
    const { gpu } = held;
    const loss = new ClassBalancedLoss(COUNTS);
    const labels = indices(gpu, [0, 1, 2]);
    const x = randomTensor(gpu, [3, 5], 1);
    gpu.scope(() => loss.call(x, labels));
    const { uploads } = gpu.counters;
    for (let i = 0; i < 3; i++) gpu.scope(() => loss.call(x, labels));
    expect(gpu.counters.uploads).toBe(uploads);
  });

  it('serves logits of any number of classes where it has none for each', async () => {
    const { gpu } = held;
    const loss = new FocalLoss({ alpha: 0.5 });
    for (const classes of [2, 3, 2]) {
      const even = tensor(gpu, new Float32Array(classes), [1, classes]);
      const p = 1 / classes;
      expect(await loss.call(even, indices(gpu, [1])).item()).toBeCloseTo(-0.5 * (1 - p) ** 2 * Math.log(p), 6);
    }
  });

  it('says what does not fit', () => {
    const { gpu } = held;
    const x = randomTensor(gpu, [1, 3], 1);
    const label = indices(gpu, [0]);
    expect(() => new FocalLoss({ alpha: [1, 2] }).call(x, label)).toThrow(
      'FocalLoss: was made for 2 classes; the logits are [1,3].',
    );
    expect(() => new CrossEntropyLoss({ weight: [1, -1] })).toThrow(
      'CrossEntropyLoss: the weight of class 1 must be a number from 0, not -1.',
    );
    expect(() => new CrossEntropyLoss({ labelSmoothing: 1.5 })).toThrow('labelSmoothing must be from 0 to 1, not 1.5.');
    expect(() => new LabelSmoothingLoss(-1)).toThrow('LabelSmoothingLoss: labelSmoothing must be from 0 to 1, not -1.');
    expect(() => new FocalLoss({ gamma: -1 })).toThrow('FocalLoss: gamma must be a number from 0, not -1.');
    expect(() => new FocalLoss({ alpha: Number.NaN })).toThrow(
      'FocalLoss: the weight must be a number from 0, not NaN.',
    );
    expect(() => new BalancedSoftmaxLoss([1, -1])).toThrow('BalancedSoftmaxLoss: class 1 has -1 samples');
    expect(() => new LogitAdjustmentLoss([1], { tau: -1 })).toThrow('tau must be a number from 0, not -1.');
    expect(() => new LDAMLoss([1], { scale: Number.POSITIVE_INFINITY })).toThrow('LDAMLoss: scale must be');
  });
});
