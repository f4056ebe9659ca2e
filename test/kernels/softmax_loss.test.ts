import { describe, expect, it } from 'vitest';
import {
  oneHot,
  type SoftmaxLossForm,
  softmaxLoss,
  softmaxLossGrad,
  uploadClassTerms,
  weightedMean,
} from '../../src/kernels/softmax_loss.ts';
import { randomValues, relativeError, useGpu } from '../gpu.ts';

const held = useGpu();

// z rounds by 6e-8 of at most 20, which is what p errs by; exp, log and pow add a few units in the last place, sums of 1,000 terms some more.
const TOLERANCE = 4e-6;

interface Case {
  x: Float32Array;
  t: Float32Array;
  weight: Float32Array;
  logPrior: Float32Array;
  margin: Float32Array;
}

/** Loss, weight of the target and gradient of one row, in float64, the gradient by the definition: through the Jacobian of softmax. */
function reference({ x, t, weight, logPrior, margin }: Case, { smoothing, gamma, scale }: SoftmaxLossForm) {
  const z = Array.from(x, (v, c) => scale * (v - margin[c] * t[c]) + logPrior[c]);
  const largest = Math.max(...z);
  const total = z.reduce((sum, v) => sum + Math.exp(v - largest), 0);
  const logP = z.map((v) => v - largest - Math.log(total));
  const p = logP.map(Math.exp);
  const share = Array.from(t, (v, c) => weight[c] * ((1 - smoothing) * v + smoothing / t.length));
  const loss = share.reduce((sum, s, c) => sum - s * (1 - p[c]) ** gamma * logP[c], 0);
  // d(−(1 − p)^γ log p) / dp
  const slope = p.map((v, c) => gamma * (1 - v) ** (gamma - 1) * logP[c] - (1 - v) ** gamma / v);
  const dz = p.map((v, k) =>
    p.reduce((sum, u, c) => sum + share[c] * (gamma === 0 ? -1 / u : slope[c]) * u * ((c === k ? 1 : 0) - v), 0),
  );
  return { loss, weight: t.reduce((sum, v, c) => sum + v * weight[c], 0), dx: dz.map((v) => v * scale) };
}

describe('softmaxLoss and its gradient against float64', () => {
  it.each([
    { rows: 1, classes: 10, smoothing: 0, gamma: 0, scale: 1 },
    { rows: 70, classes: 10, smoothing: 0.1, gamma: 2, scale: 1.5 },
    { rows: 3, classes: 7, smoothing: 0, gamma: 0.5, scale: 3 },
    { rows: 5, classes: 2, smoothing: 0.3, gamma: 1, scale: 1 },
    { rows: 2, classes: 200, smoothing: 0.1, gamma: 2, scale: 1 },
    { rows: 2, classes: 1000, smoothing: 0, gamma: 0, scale: 1 },
  ])('$rows × $classes, smoothing $smoothing, γ $gamma, scale $scale', async ({ rows, classes, ...form }) => {
    const { gpu } = held;
    const x = randomValues(rows * classes, 1, -3, 3);
    const t = randomValues(rows * classes, 2, 0, 2 / classes);
    const weight = randomValues(classes, 3, 0, 2);
    const logPrior = randomValues(classes, 4, -2, 0);
    const margin = randomValues(classes, 5, 0, 1);
    const dloss = randomValues(rows, 6);
    const expected = Array.from({ length: rows }, (_, r) => {
      const row = (values: Float32Array) => values.subarray(r * classes, (r + 1) * classes);
      return reference({ x: row(x), t: row(t), weight, logPrior, margin }, form);
    });
    // Few lanes, as a software adapter is given, and many; more than the classes, and fewer.
    for (const lanes of [8, 64]) {
      const shape = { rows, classes };
      const terms = uploadClassTerms(gpu, classes, { weight, logPrior, margin });
      const [logits, targets] = [gpu.upload(x, 'x'), gpu.upload(t, 't')];
      const losses = softmaxLoss(logits, targets, terms, shape, form, lanes);
      const { loss, weight: weights } = losses;
      expect(
        relativeError(
          await loss.read(),
          expected.map((row) => row.loss),
        ),
      ).toBeLessThan(TOLERANCE);
      expect(
        relativeError(
          await weights.read(),
          expected.map((row) => row.weight),
        ),
      ).toBeLessThan(TOLERANCE);
      const incoming = gpu.upload(dloss, 'dloss');
      const dx = softmaxLossGrad(incoming, logits, targets, terms, losses, shape, { ...form, factor: 0.5 }, lanes);
      const gradient = expected.flatMap((row, r) => row.dx.map((v) => v * 0.5 * dloss[r]));
      expect(relativeError(await dx.read(), gradient)).toBeLessThan(TOLERANCE);
      const one = gpu.upload(Float32Array.of(2), 'dloss');
      const all = softmaxLossGrad(one, logits, targets, terms, losses, shape, { ...form, factor: 0.5 }, lanes);
      expect(
        relativeError(
          await all.read(),
          expected.flatMap((row) => row.dx),
        ),
      ).toBeLessThan(rows === 1 ? 1e-5 : TOLERANCE);
    }
  });

  it('refuses terms of another number of classes', () => {
    expect(() => uploadClassTerms(held.gpu, 3, { margin: [1, 2] })).toThrow('margin holds 2 numbers for 3 classes');
  });
});

describe('oneHot', () => {
  it('has a 1 at each label, and NaN in the row of one that is no class', async () => {
    const { gpu } = held;
    const labels = gpu.upload(Uint32Array.of(2, 0, 3, 1, 2 ** 32 - 1), 'labels');
    const nan = [Number.NaN, Number.NaN, Number.NaN];
    expect([...(await oneHot(labels, { rows: 5, classes: 3 }).read())]).toEqual([
      ...[0, 0, 1, 1, 0, 0],
      ...[...nan, 0, 1, 0, ...nan],
    ]);
  });

  it('at more rows than a workgroup', async () => {
    const { gpu } = held;
    const labels = Uint32Array.from({ length: 77 }, (_, r) => (r * 5) % 7);
    const y = await oneHot(gpu.upload(labels, 'labels'), { rows: 77, classes: 7 }).read();
    expect([...y]).toEqual(Array.from(y, (_, i) => (i % 7 === labels[Math.floor(i / 7)] ? 1 : 0)));
  });
});

describe('weightedMean', () => {
  it.each([1, 63, 130])('of %i values', async (count) => {
    const { gpu } = held;
    const [x, weight] = [randomValues(count, 1), randomValues(count, 2, 0, 1)];
    const { mean, inverse } = weightedMean(gpu.upload(x, 'x'), gpu.upload(weight, 'weight'));
    const sum = (values: Float32Array) => values.reduce((total, v) => total + v, 0);
    // Sums of up to 130 numbers below 1.
    expect(Math.abs((await mean.read())[0] - sum(x) / sum(weight))).toBeLessThan(1e-5 / sum(weight));
    expect((await inverse.read())[0] * sum(weight)).toBeCloseTo(1, 5);
  });
});

it('oneHot finds every element over several rows of the grid', async () => {
  const { gpu } = held;
  const [rows, classes] = [130, 10];
  const labels = Uint32Array.from({ length: rows }, (_, i) => (i * 3) % classes);
  const y = await oneHot(gpu.upload(labels, 'labels'), { rows, classes }).read();
  expect(y).toEqual(
    Float32Array.from({ length: rows * classes }, (_, i) => Number(labels[Math.floor(i / classes)] === i % classes)),
  );
});
