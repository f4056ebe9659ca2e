import { describe, expect, it } from 'vitest';
import { normalizeRows, pairwiseDistances } from '../../../src/autograd/ops/embedding_losses.ts';
import { batchHardTriplet, gradcheck, indices, mul, scale, supervisedContrastive, tensor } from '../../../src/node.ts';
import { randomTensor, randomValues, relativeError, useGpu } from '../../gpu.ts';

const held = useGpu();
// Sums of up to 130 squares, a root and a division: some roundings of 6e-8.
const TOLERANCE = 1e-6;

describe('normalizeRows and pairwiseDistances', () => {
  it.each([
    [1, 3],
    [5, 1],
    [7, 10],
    [70, 33],
    [3, 130],
  ])('values against float64: [%i, %i]', async (rows, columns) => {
    const { gpu } = held;
    const x = randomValues(rows * columns, 1, -3, 3);
    const row = (r: number) => [...x.subarray(r * columns, (r + 1) * columns)];
    const unit = Array.from({ length: rows }, (_, r) => row(r).map((v) => v / Math.hypot(...row(r)))).flat();
    const distances = Array.from({ length: rows * rows }, (_, at) => {
      const [a, b] = [row(Math.floor(at / rows)), row(at % rows)];
      return Math.hypot(...a.map((v, d) => v - b[d]));
    });
    const input = tensor(gpu, x, [rows, columns]);
    expect(relativeError(await normalizeRows(input).data(), unit)).toBeLessThan(TOLERANCE);
    const got = await pairwiseDistances(input).data();
    if (rows === 1) expect([...got]).toEqual([0]);
    else expect(relativeError(got, distances)).toBeLessThan(TOLERANCE);
  });

  it('gradients in mid-graph', async () => {
    const { gpu } = held;
    for (const shape of [
      [4, 5],
      [1, 3],
      [6, 2],
    ]) {
      const x = randomTensor(gpu, shape, 3, { requiresGrad: true });
      await gradcheck((t) => scale(normalizeRows(scale(t, 2)), 3), [x], { step: 3e-3, absolute: 3e-3 });
      if (shape[0] > 1) {
        await gradcheck((t) => mul(pairwiseDistances(scale(t, 2)), pairwiseDistances(t)), [x], { absolute: 3e-3 });
      }
    }
  });

  it('leave rows of zeros at 0, and give them a gradient that is finite', async () => {
    const { gpu } = held;
    const x = tensor(gpu, Float32Array.of(0, 0, 3, 4), [2, 2], { requiresGrad: true });
    const y = normalizeRows(x);
    expect(relativeError(await y.data(), [0, 0, 0.6, 0.8])).toBeLessThan(TOLERANCE);
    y.backward(tensor(gpu, Float32Array.of(1e-12, 0, 0, 0), [2, 2]));
    // The row is divided by 1e-12, as PyTorch's F.normalize divides it.
    expect(relativeError(await (x.grad as typeof x).data(), [1, 0, 0, 0])).toBeLessThan(TOLERANCE);
  });
});

describe('batchHardTriplet and supervisedContrastive', () => {
  it('gradients in mid-graph', async () => {
    const { gpu } = held;
    const labels = indices(gpu, [0, 1, 0, 1, 2, 0, 1]);
    const x = randomTensor(gpu, [7, 4], 4, { requiresGrad: true });
    for (const reduction of ['mean', 'sum', 'none'] as const) {
      // The hardest partners stay the same within the step at this seed; elsewhere the loss has kinks.
      await gradcheck(
        (t) => {
          const loss = batchHardTriplet(scale(t, 2), labels, { margin: 1, reduction });
          return mul(loss, loss);
        },
        [x],
        { step: 2e-3, absolute: 3e-3 },
      );
      await gradcheck(
        (t) => {
          const loss = supervisedContrastive(scale(t, 2), labels, { temperature: 0.5, reduction });
          return mul(loss, loss);
        },
        [x],
        { step: 5e-3, absolute: 3e-3 },
      );
    }
  });
});
