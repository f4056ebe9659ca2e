import { describe, expect, it } from 'vitest';
import {
  BalancedSoftmaxLoss,
  ClassBalancedLoss,
  ClassTemperatureLoss,
  CrossEntropyLoss,
  FocalLoss,
  indices,
  LabelAwareSmoothingLoss,
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
  ['ClassTemperatureLoss', new ClassTemperatureLoss(COUNTS)],
  ['LabelAwareSmoothingLoss', new LabelAwareSmoothingLoss(COUNTS)],
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
