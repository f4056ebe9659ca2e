import { describe, expect, it } from 'vitest';
import { gradcheck, indices, logSoftmax, mul, nllLoss, scale, Tensor, tensor } from '../../../src/node.ts';
import { randomTensor, useGpu } from '../../gpu.ts';

const held = useGpu();

describe('nllLoss', () => {
  it('gradients in mid-graph', async () => {
    const { gpu } = held;
    for (const [rows, classes] of [
      [5, 3],
      [1, 4],
    ]) {
      const x = randomTensor(gpu, [rows, classes], 1, { requiresGrad: true });
      const weight = randomTensor(gpu, [classes], 2, { low: 0.5, high: 2 });
      const labels = indices(
        gpu,
        Array.from({ length: rows }, (_, r) => (r % 4 === 3 ? 9 : (2 * r + 1) % classes)),
      );
      for (const reduction of ['mean', 'sum', 'none'] as const) {
        for (const options of [{}, { weight }]) {
          const all = { ...options, reduction, ignoreIndex: 9 };
          await gradcheck(
            (t) => {
              const loss = nllLoss(logSoftmax(scale(t, 2)), labels, all);
              return mul(loss, loss);
            },
            [x],
            { absolute: 3e-3 },
          );
        }
      }
    }
  });

  it('gives no gradient, and NaN as its mean, where all are ignored', async () => {
    const { gpu } = held;
    const x = randomTensor(gpu, [2, 3], 1, { requiresGrad: true });
    const loss = nllLoss(x, indices(gpu, [7, 7]), { ignoreIndex: 7 });
    expect(await loss.item()).toBeNaN();
    loss.backward();
    expect([...(await (x.grad as Tensor).data())]).toEqual([0, 0, 0, 0, 0, 0]);
    expect(await nllLoss(x, indices(gpu, [7, 7]), { ignoreIndex: 7, reduction: 'sum' }).item()).toBe(0);
  });

  it('answers a label that is no class with NaN in that row alone', async () => {
    const { gpu } = held;
    const x = randomTensor(gpu, [3, 4], 5, { requiresGrad: true });
    const labels = new Tensor(gpu.upload(Uint32Array.of(1, 4, 2), 'labels'), [3]);
    const losses = await nllLoss(x, labels, { reduction: 'none' }).data();
    expect(Array.from(losses, Number.isNaN)).toEqual([false, true, false]);
  });

  it('says what does not fit', () => {
    const { gpu } = held;
    const x = randomTensor(gpu, [2, 3], 1);
    expect(() => nllLoss(x, indices(gpu, [0]))).toThrow('nllLoss: logits [2,3] need 2 labels; their shape is [1].');
    expect(() => nllLoss(x, indices(gpu, [0, 4]), { ignoreIndex: 3 })).toThrow(
      'nllLoss: the label of row 1 is 4; with 3 classes it must be 0 to 2.',
    );
    expect(() => nllLoss(x, indices(gpu, [0, 1]), { weight: tensor(gpu, [1, 2]) })).toThrow(
      'nllLoss: the weight must be [3] for [2,3]; its shape is [2].',
    );
    for (const ignoreIndex of [-100, 1.5, 2 ** 32]) {
      expect(() => nllLoss(x, indices(gpu, [0, 1]), { ignoreIndex })).toThrow(
        new RangeError(
          `nllLoss: ignoreIndex is ${ignoreIndex}, which no label can be; they are integers from 0 to 4294967295.`,
        ),
      );
    }
  });
});
