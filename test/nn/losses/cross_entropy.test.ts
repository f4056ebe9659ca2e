import { describe, expect, it } from 'vitest';
import { CrossEntropyLoss, indices, type Tensor, tensor } from '../../../src/node.ts';
import { randomTensor, relativeError, useGpu } from '../../gpu.ts';

const held = useGpu();

describe('CrossEntropyLoss', () => {
  it.each(['mean', 'sum', 'none'] as const)('%s, with its gradient', async (reduction) => {
    const { gpu } = held;
    const logits = randomTensor(gpu, [3, 5], 1, { low: -4, high: 4, requiresGrad: true });
    const targets = [4, 0, 2];
    const labels = indices(gpu, targets);
    const loss = new CrossEntropyLoss({ reduction }).call(logits, labels);

    const x = await logits.data();
    const rows = targets.map((_, n) => x.slice(5 * n, 5 * n + 5));
    const totals = rows.map((row) => row.reduce((sum, v) => sum + Math.exp(v), 0));
    const losses = rows.map((row, n) => Math.log(totals[n]) - row[targets[n]]);
    const total = losses.reduce((sum, v) => sum + v, 0);
    const expected = { mean: [total / 3], sum: [total], none: losses }[reduction];
    expect(loss.shape).toEqual(reduction === 'none' ? [3] : []);
    // exp and log are good to a few times 6e-8 in WGSL; the sums have five and three terms.
    expect(relativeError(await loss.data(), expected)).toBeLessThan(2e-6);

    loss.backward(reduction === 'none' ? randomTensor(gpu, [3], 2, { low: 1, high: 1 }) : undefined);
    const factor = reduction === 'mean' ? 1 / 3 : 1;
    const gradient = rows.flatMap((row, n) =>
      [...row].map((v, c) => factor * (Math.exp(v) / totals[n] - (c === targets[n] ? 1 : 0))),
    );
    expect(relativeError(await (logits.grad as Tensor).data(), gradient)).toBeLessThan(2e-6);
  });

  it('averages by default', () => {
    expect(new CrossEntropyLoss().reduction).toBe('mean');
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

describe('CrossEntropyLoss that ignores a label', () => {
  it.each([{}, { weight: [1, 2, 0.5, 3, 1] }, { labelSmoothing: 0.2 }])(
    'is the loss of the samples that are left: %j',
    async (options) => {
      const { gpu } = held;
      const logits = randomTensor(gpu, [4, 5], 1, { requiresGrad: true });
      const values = await logits.data();
      const left = tensor(gpu, Float32Array.of(...values.slice(5, 10), ...values.slice(15)), [2, 5], {
        requiresGrad: true,
      });
      for (const reduction of ['mean', 'sum'] as const) {
        logits.zeroGrad();
        left.zeroGrad();
        const ignoring = new CrossEntropyLoss({ ...options, reduction, ignoreIndex: 255 });
        const loss = ignoring.call(logits, indices(gpu, [255, 3, 255, 1]));
        const expected = new CrossEntropyLoss({ ...options, reduction }).call(left, indices(gpu, [3, 1]));
        expect(relativeError(await loss.data(), await expected.data())).toBeLessThan(2e-6);
        loss.backward();
        expected.backward();
        const gradient = await (left.grad as Tensor).data();
        const none = Array<number>(5).fill(0);
        const whole = [...none, ...gradient.slice(0, 5), ...none, ...gradient.slice(5)];
        expect(relativeError(await (logits.grad as Tensor).data(), whole)).toBeLessThan(2e-6);
      }
    },
  );

  it('refuses a label that none can be when it meets targets', () => {
    const { gpu } = held;
    const loss = new CrossEntropyLoss({ ignoreIndex: -100 });
    expect(() => loss.call(randomTensor(gpu, [1, 3], 1), indices(gpu, [0]))).toThrow('ignoreIndex is -100');
  });
});
