import { describe, expect, it } from 'vitest';
import {
  adjustLogits,
  BalancedSoftmaxLoss,
  ClassBalancedLoss,
  CrossEntropyLoss,
  classWeights,
  FocalLoss,
  indices,
  LabelSmoothingLoss,
  LDAMLoss,
  LogitAdjustmentLoss,
  type Loss,
  Tensor,
  tensor,
} from '../../../src/node.ts';
import { randomTensor, useGpu } from '../../gpu.ts';

const held = useGpu();
const COUNTS = [500, 120, 30, 8, 0];

const everyLoss: [string, Loss][] = [
  ['CrossEntropyLoss', new CrossEntropyLoss()],
  ['CrossEntropyLoss with weights', new CrossEntropyLoss({ weight: [0, 1, 2, 3, 4], labelSmoothing: 0.1 })],
  ['FocalLoss', new FocalLoss({ gamma: 0.5 })],
  ['ClassBalancedLoss', new ClassBalancedLoss(COUNTS)],
  ['LabelSmoothingLoss', new LabelSmoothingLoss()],
  ['BalancedSoftmaxLoss', new BalancedSoftmaxLoss(COUNTS)],
  ['LogitAdjustmentLoss', new LogitAdjustmentLoss(COUNTS, { tau: 2 })],
  ['LDAMLoss', new LDAMLoss(COUNTS)],
];

describe.each(everyLoss)('%s', (_, loss) => {
  it('gives finite losses and gradients for logits of ±1e4, whatever the label', async () => {
    const { gpu } = held;
    for (const label of [0, 1, 2, 3, 4]) {
      const x = tensor(gpu, Float32Array.of(1e4, -1e4, 1e4, 0, -1e4, -1e4, -1e4, 0, -1e4, 1e4), [2, 5], {
        requiresGrad: true,
      });
      // Class 0 of weight 0 alone would have no mean.
      const value = loss.call(x, indices(gpu, [label, 1]));
      expect(await value.item()).not.toBeNaN();
      expect(Math.abs(await value.item())).toBeLessThan(Number.POSITIVE_INFINITY);
      value.backward();
      expect((await (x.grad as Tensor).data()).every(Number.isFinite)).toBe(true);
    }
  });

  it('names the row of a bad label that the host knows, and answers another with NaN', async () => {
    const { gpu } = held;
    const x = randomTensor(gpu, [3, 5], 1);
    expect(() => loss.call(x, indices(gpu, [4, 0, 5]))).toThrow(/the label of row 2 is 5; with 5 classes/);
    const unknown = new Tensor(gpu.upload(Uint32Array.of(4, 0, 5), 'labels'), [3]);
    expect(await loss.call(x, unknown).item()).toBeNaN();
  });

  it('takes soft targets', async () => {
    const { gpu } = held;
    const x = randomTensor(gpu, [2, 5], 2, { requiresGrad: true });
    const targets = tensor(gpu, [
      [0.25, 0.75, 0, 0, 0],
      [0, 0, 1, 0, 0],
    ]);
    const value = loss.call(x, targets);
    expect(await value.item()).toBeGreaterThan(0);
    value.backward();
    expect((await (x.grad as Tensor).data()).some((g) => g !== 0)).toBe(true);
  });
});

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

describe('CrossEntropyLoss with weights', () => {
  it('has no mean where all weights of the labels are 0, as in PyTorch', async () => {
    const { gpu } = held;
    const x = randomTensor(gpu, [2, 3], 1);
    const loss = new CrossEntropyLoss({ weight: [0, 1, 1] });
    expect(await loss.call(x, indices(gpu, [0, 0])).item()).toBeNaN();
  });
});

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
