import { describe, expect, it } from 'vitest';
import { crossEntropy, logSoftmax, softmax } from '../../../src/autograd/ops/softmax.ts';
import { CrossEntropyLoss, gradcheck, indices, mul, scale, Tensor, tensor } from '../../../src/node.ts';
import { randomTensor, randomValues, relativeError, useGpu } from '../../gpu.ts';

const held = useGpu();
// exp and log of float32 err by a few units in the last place; sums of up to 1,000 terms by some more.
const TOLERANCE = 3e-6;

function probabilities(x: ArrayLike<number>, classes: number): Float64Array {
  const p = Float64Array.from(x);
  for (let first = 0; first < p.length; first += classes) {
    const row = p.subarray(first, first + classes);
    const largest = Math.max(...row);
    const total = row.reduce((sum, v) => sum + Math.exp(v - largest), 0);
    row.forEach((v, c) => {
      row[c] = Math.exp(v - largest) / total;
    });
  }
  return p;
}

describe('softmax and crossEntropy', () => {
  it.each([
    [1, 10],
    [5, 3],
    [70, 10],
    [3, 1000],
    [2, 1],
  ])('values against float64: [%i, %i]', async (rows, classes) => {
    const { gpu } = held;
    const x = randomValues(rows * classes, 1, -5, 5);
    const labels = Array.from({ length: rows }, (_, r) => (r * 7) % classes);
    const p = probabilities(x, classes);
    const logits = tensor(gpu, x, [rows, classes]);
    expect(relativeError(await softmax(logits).data(), p)).toBeLessThan(TOLERANCE);
    const losses = labels.map((label, r) => -Math.log(p[r * classes + label]));
    const total = losses.reduce((sum, v) => sum + v, 0);
    const target = indices(gpu, labels);
    expect(relativeError(await crossEntropy(logits, target, { reduction: 'none' }).data(), losses)).toBeLessThan(
      TOLERANCE,
    );
    expect(Math.abs((await crossEntropy(logits, target, { reduction: 'sum' }).item()) - total)).toBeLessThan(
      TOLERANCE * (total || 1),
    );
    expect(Math.abs((await crossEntropy(logits, target).item()) - total / rows)).toBeLessThan(TOLERANCE * (total || 1));
  });

  it('gradients in mid-graph', async () => {
    const { gpu } = held;
    for (const shape of [
      [4, 5],
      [1, 10],
    ]) {
      const x = randomTensor(gpu, shape, 2, { requiresGrad: true });
      const target = indices(
        gpu,
        Array.from({ length: shape[0] }, (_, r) => (3 * r + 1) % shape[1]),
      );
      await gradcheck((t) => scale(softmax(scale(t, 2)), 3), [x]);
      await gradcheck((t) => scale(logSoftmax(scale(t, 2)), 3), [x], { step: 5e-3 });
      for (const reduction of ['mean', 'sum', 'none'] as const) {
        await gradcheck(
          (t) => {
            const loss = crossEntropy(scale(t, 2), target, { reduction });
            return mul(loss, loss);
          },
          [x],
          { absolute: 3e-3 },
        );
      }
    }
  });

  it('stays finite for logits of ±1e4, forward and backward', async () => {
    const { gpu } = held;
    const x = tensor(gpu, Float32Array.of(1e4, -1e4, 0, -1e4, 1e4, 0), [2, 3], { requiresGrad: true });
    const loss = crossEntropy(x, indices(gpu, [0, 0]), { reduction: 'none' });
    expect([...(await loss.data())]).toEqual([0, 2e4]);
    crossEntropy(x, indices(gpu, [0, 0])).backward();
    expect([...(await (x.grad as Tensor).data())]).toEqual([0, 0, 0, -0.5, 0.5, 0]);
  });

  it('answers a label that is no class with NaN in that row alone', async () => {
    const { gpu } = held;
    const x = randomTensor(gpu, [3, 4], 5, { requiresGrad: true });
    // Put together on the device, so that the host does not know them.
    const labels = new Tensor(gpu.upload(Uint32Array.of(1, 4, 2), 'labels'), [3]);
    const losses = await crossEntropy(x, labels, { reduction: 'none' }).data();
    expect([...losses].map(Number.isNaN)).toEqual([false, true, false]);
    crossEntropy(x, labels).backward();
    const grad = await (x.grad as Tensor).data();
    expect([...grad].map(Number.isNaN)).toEqual(Array.from(grad, (_, i) => i >= 4 && i < 8));
  });

  it('leaves out samples with the label to be ignored, whatever their logits are', async () => {
    const { gpu } = held;
    const values = randomValues(15, 3);
    values.set([-Infinity, 0, Infinity], 6);
    const kept = randomTensor(gpu, [4, 3], 4, { requiresGrad: true });
    const x = tensor(gpu, values, [5, 3]);
    const target = indices(gpu, [0, 2, 255, 1, 255]);
    const losses = await crossEntropy(x, target, { ignoreIndex: 255, reduction: 'none' }).data();
    const rows = await crossEntropy(x, new Tensor(gpu.upload(Uint32Array.of(0, 2, 0, 1, 0), 'labels'), [5]), {
      reduction: 'none',
    }).data();
    for (const r of [0, 1, 3]) expect(losses[r]).toBeCloseTo(rows[r], 6);
    expect([losses[2], losses[4]]).toEqual([0, 0]);
    const labels = indices(gpu, [1, 255, 0, 2]);
    for (const reduction of ['mean', 'sum', 'none'] as const) {
      await gradcheck(
        (t) => {
          const loss = crossEntropy(scale(t, 2), labels, { reduction, ignoreIndex: 255 });
          return mul(loss, loss);
        },
        [kept],
        { absolute: 3e-3 },
      );
      const criterion = new CrossEntropyLoss({ weight: [1, 2, 0.5], labelSmoothing: 0.2, ignoreIndex: 255, reduction });
      await gradcheck((t) => scale(criterion.call(scale(t, 2), labels), 2), [kept], { absolute: 3e-3 });
    }
  });

  it('ignores labels, not distributions', () => {
    const { gpu } = held;
    const x = randomTensor(gpu, [2, 3], 1);
    expect(() => crossEntropy(x, randomTensor(gpu, [2, 3], 2), { ignoreIndex: 1 })).toThrow(
      'crossEntropy: ignoreIndex goes with labels, not with distributions.',
    );
    expect(() => crossEntropy(x, indices(gpu, [0, 1]), { ignoreIndex: -100 })).toThrow(
      'crossEntropy: ignoreIndex is -100, which no label can be; they are integers from 0 to 4294967295.',
    );
    expect(() => crossEntropy(x, indices(gpu, [255, 3]), { ignoreIndex: 255 })).toThrow(
      'crossEntropy: the label of row 1 is 3; with 3 classes it must be 0 to 2.',
    );
  });

  it('says what does not fit', () => {
    const { gpu } = held;
    expect(() => crossEntropy(randomTensor(gpu, [3, 4], 1), indices(gpu, [1, 2]))).toThrow(
      'logits [3,4] need 3 labels; their shape is [2]',
    );
    expect(() => crossEntropy(randomTensor(gpu, [3, 4], 1), indices(gpu, [1, 7, 9]))).toThrow(
      new RangeError('crossEntropy: the label of row 1 is 7; with 4 classes it must be 0 to 3.'),
    );
    expect(() => softmax(randomTensor(gpu, [3], 1))).toThrow('softmax: logits [N, C] are needed; the shape is [3]');
  });
});
