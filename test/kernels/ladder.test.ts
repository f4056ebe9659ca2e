import { describe, expect, it } from 'vitest';
import { batchNormNaive, flopsOfPeak, peakFlops, softmaxNaive } from '../../src/kernels/ladder.ts';
import { profiled } from '../../src/runtime/timing.ts';
import { randomValues, relativeError, useGpu } from '../gpu.ts';

const held = useGpu();

it.each([
  [1, 1],
  [70, 7],
  [3, 1000],
])('softmaxNaive against float64: [%i, %i]', async (rows, classes) => {
  const x = randomValues(rows * classes, 1, -9, 9);
  const expected = Float64Array.from(x, (v, i) => {
    const row = x.subarray(i - (i % classes), i - (i % classes) + classes);
    return Math.exp(v) / row.reduce((sum, other) => sum + Math.exp(other), 0);
  });
  const y = softmaxNaive(held.gpu.upload(x, 'x'), { rows, classes });
  // Exponents of up to 18 round by 1e-6, beside a sum of 1,000 terms.
  expect(relativeError(await y.read(), expected)).toBeLessThan(3e-6);
});

it.each([
  [2, 1],
  [75, 7],
  [64, 130],
])('batchNormNaive against float64: %i rows of %i channels', async (rows, channels) => {
  const { gpu } = held;
  const x = randomValues(rows * channels, 1, -1, 3);
  const [weight, bias] = [randomValues(channels, 2), randomValues(channels, 3)];
  const expected = Float64Array.from(x, (v, i) => {
    const c = i % channels;
    const column = Array.from({ length: rows }, (_, r) => x[r * channels + c]);
    const mean = column.reduce((sum, value) => sum + value, 0) / rows;
    const variance = column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / rows;
    return ((v - mean) / Math.sqrt(variance + 1e-5)) * weight[c] + bias[c];
  });
  const arrays = [x, weight, bias].map((values) => gpu.upload(values, 'x'));
  const y = batchNormNaive(arrays[0], arrays[1], arrays[2], { rows, channels, eps: 1e-5 });
  // Sums of 75 terms: √75 · 6e-8 and a few roundings.
  expect(relativeError(await y.read(), expected)).toBeLessThan(3e-6);
});

describe('peakFlops', () => {
  it('computes every turn: the chains have come as near to the fixed point as so many turns bring them', async () => {
    const { gpu } = held;
    const work = { invocations: 300, turns: 100 };
    const y = await peakFlops(gpu, work).read();
    const { CHAINS, UNROLLED } = gpu.shader('peak_flops').constants;
    const left = 0.999 ** (UNROLLED * work.turns);
    // x − 1 shrinks by 0.999 in each turn; summed over the chains c, which begin at (i … i + 3) · c.
    const expected = Array.from({ length: work.invocations }, (_, i) => {
      let sum = 0;
      for (let c = 0; c < CHAINS; c++) for (let j = 0; j < 4; j++) sum += 1 + left * ((i + j) * c - 1);
      return sum;
    });
    // 400 roundings of 6e-8, in one direction at worst.
    expect(relativeError(y, expected)).toBeLessThan(2.4e-5);
    expect(flopsOfPeak(gpu, work)).toBe(2 * 4 * CHAINS * UNROLLED * work.turns * work.invocations);
    const { kernels } = await profiled(gpu, () => peakFlops(gpu, work));
    const { gflops = 0, ms = 0 } = kernels.find(({ kernel }) => kernel === 'peak_flops') ?? {};
    expect(gflops * ms * 1e6).toBeCloseTo(flopsOfPeak(gpu, work), 0);
  });
});
