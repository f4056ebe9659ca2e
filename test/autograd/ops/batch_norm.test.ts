import { describe, expect, it } from 'vitest';
import { type BatchNormOptions, batchNorm2d } from '../../../src/autograd/ops/batch_norm.ts';
import type { NormActivation } from '../../../src/kernels/batch_norm.ts';
import {
  gelu,
  gradcheck,
  leakyRelu,
  mul,
  noGrad,
  relu,
  scale,
  silu,
  sum,
  type Tensor,
  tensor,
} from '../../../src/node.ts';
import { randomTensor, randomValues, relativeError, useGpu } from '../../gpu.ts';

const held = useGpu();
const EPS = 1e-5;
const MOMENTUM = 0.1;
const SLOPE = 0.2;

/** Each activation as an operation of its own. */
const APART: Record<NormActivation, (x: Tensor) => Tensor> = {
  ...{ relu, silu, gelu },
  'leaky-relu': (x) => leakyRelu(x, SLOPE),
};

/** Per channel: mean, biased and unbiased variance, in float64. */
function moments(x: Float32Array, channels: number) {
  const rows = x.length / channels;
  return Array.from({ length: channels }, (_, c) => {
    let mean = 0;
    for (let r = 0; r < rows; r++) mean += x[r * channels + c] / rows;
    let m2 = 0;
    for (let r = 0; r < rows; r++) m2 += (x[r * channels + c] - mean) ** 2;
    return { mean, biased: m2 / rows, unbiased: m2 / (rows - 1) };
  });
}

function parameters(
  channels: number,
  requiresGrad: boolean,
): Pick<BatchNormOptions, 'weight' | 'bias' | 'runningMean' | 'runningVar'> {
  const { gpu } = held;
  return {
    weight: randomTensor(gpu, [channels], 11, { requiresGrad, low: 0.5, high: 1.5 }),
    bias: randomTensor(gpu, [channels], 12, { requiresGrad }),
    runningMean: randomTensor(gpu, [channels], 13),
    runningVar: randomTensor(gpu, [channels], 14, { low: 0.5, high: 2 }),
  };
}

describe('batchNorm2d', () => {
  // The last two have a mean a thousand times its deviation: a sum of squares would cancel, and be wrong by about 1000² · 6e-8 = 6 %.
  it.each([
    { shape: [2, 3, 5, 4], offset: 0, tolerance: 2e-6 },
    { shape: [1, 3, 3, 3], offset: 0, tolerance: 2e-6 },
    { shape: [5, 7, 9, 7], offset: 1, tolerance: 2e-6 },
    { shape: [3, 16, 17, 8], offset: 0, tolerance: 2e-6 },
    // What remains is the rounding of x itself, 1000 · 6e-8 of a deviation of about 0.6.
    { shape: [4, 9, 9, 8], offset: 1000, tolerance: 3e-4 },
    { shape: [4, 9, 9, 7], offset: 1000, tolerance: 3e-4 },
  ])(
    'statistics, output and running update against float64: $shape around $offset',
    async ({ shape, offset, tolerance }) => {
      const { gpu } = held;
      const channels = shape[3];
      const values = randomValues(
        shape.reduce((a, b) => a * b),
        1,
        offset - 1,
        offset + 1,
      );
      const p = parameters(channels, false);
      const [weight, bias, mean0, var0] = await Promise.all(
        [p.weight, p.bias, p.runningMean, p.runningVar].map((t) => t.data()),
      );
      const y = batchNorm2d(tensor(gpu, values, shape), { ...p, training: true, momentum: MOMENTUM, eps: EPS });
      const m = moments(values, channels);
      const expected = Float64Array.from(values, (v, i) => {
        const c = i % channels;
        return ((v - m[c].mean) / Math.sqrt(m[c].biased + EPS)) * weight[c] + bias[c];
      });
      expect(relativeError(await y.data(), expected)).toBeLessThan(tolerance);
      const runningMean = m.map(({ mean }, c) => mean0[c] + MOMENTUM * (mean - mean0[c]));
      const runningVar = m.map(({ unbiased }, c) => var0[c] + MOMENTUM * (unbiased - var0[c]));
      expect(relativeError(await p.runningMean.data(), runningMean)).toBeLessThan(2e-6);
      expect(relativeError(await p.runningVar.data(), runningVar)).toBeLessThan(tolerance);

      const evaluated = batchNorm2d(tensor(gpu, values, shape), {
        ...p,
        training: false,
        momentum: MOMENTUM,
        eps: EPS,
        activation: 'relu',
      });
      const [rm, rv] = [await p.runningMean.data(), await p.runningVar.data()];
      const inEvaluation = Float64Array.from(values, (v, i) => {
        const c = i % channels;
        return Math.max(0, ((v - rm[c]) / Math.sqrt(rv[c] + EPS)) * weight[c] + bias[c]);
      });
      expect(relativeError(await evaluated.data(), inEvaluation)).toBeLessThan(tolerance);
    },
  );

  it.each([
    { shape: [2, 3, 5, 4], training: true },
    { shape: [1, 3, 3, 3], training: true },
    { shape: [2, 3, 5, 4], training: false },
    { shape: [3, 5, 1, 5], training: false },
  ])('gradients in mid-graph: $shape, training $training', async ({ shape, training }) => {
    const { gpu } = held;
    const channels = shape[3];
    const p = parameters(channels, true);
    const x = randomTensor(gpu, shape, 2, { requiresGrad: true });
    const f = (t: Tensor, weight: Tensor, bias: Tensor) => {
      // Statistics of its own for each call: the running ones would move on and change the function.
      const [runningMean, runningVar] = [
        randomTensor(gpu, [channels], 13),
        randomTensor(gpu, [channels], 14, { low: 0.5, high: 2 }),
      ];
      const y = batchNorm2d(scale(t, 2), {
        weight,
        bias,
        runningMean,
        runningVar,
        training,
        momentum: MOMENTUM,
        eps: EPS,
      });
      return mul(y, y);
    };
    expect(await gradcheck(f, [x, p.weight, p.bias])).toBeGreaterThan(20);
  });

  it.each(
    Object.entries(APART).flatMap(([activation, apart]) =>
      [8, 7].flatMap((channels) =>
        [true, false].map((training) => ({
          ...{ activation: activation as NormActivation, apart, training, shape: [2, 5, 5, channels] },
        })),
      ),
    ),
  )('with $activation fused: the same output and gradients as apart, $shape, training $training', async (call) => {
    const { gpu } = held;
    const { shape, training, activation, apart } = call;
    const results: Float32Array[][] = [];
    for (const fused of [true, false]) {
      const p = parameters(shape[3], true);
      const x = randomTensor(gpu, shape, 3, { requiresGrad: true });
      const follows = fused ? { activation, slope: SLOPE } : {};
      const normal = batchNorm2d(scale(x, 2), { ...p, training, momentum: MOMENTUM, eps: EPS, ...follows });
      const y = fused ? normal : apart(normal);
      const output = await y.data();
      expect(output.some((v) => v <= 0) && output.some((v) => v > 0)).toBe(true);
      sum(mul(y, randomTensor(gpu, shape, 4))).backward();
      const gradients = await Promise.all([x, p.weight, p.bias].map((t) => (t.grad as Tensor).data()));
      results.push([output, ...gradients]);
    }
    results[0].forEach((values, i) => {
      expect(relativeError(values, results[1][i])).toBeLessThan(1e-6);
    });
  });

  it('gives the same bits each time, and hides no NaN', async () => {
    const { gpu } = held;
    for (const channels of [8, 7]) {
      const values = randomValues(2 * 3 * 5 * channels, 5);
      const run = async () => {
        const p = parameters(channels, true);
        const x = tensor(gpu, values, [2, 3, 5, channels], { requiresGrad: true });
        const y = batchNorm2d(x, { ...p, training: true, momentum: MOMENTUM, eps: EPS, activation: 'relu' });
        sum(mul(y, y)).backward();
        return Promise.all([y, p.runningVar, x.grad as Tensor, p.weight.grad as Tensor].map((t) => t.data()));
      };
      expect(await run()).toEqual(await run());
      values[3] = Number.NaN;
      const [y, runningVar] = await run();
      // The channel it is in, and no other.
      expect([...y].every((v, i) => Number.isNaN(v) === (i % channels === 3))).toBe(true);
      expect([...runningVar].map(Number.isNaN)).toEqual(Array.from({ length: channels }, (_, c) => c === 3));
    }
  });

  it('in evaluation: a training pass before the backward pass does not change the gradient', async () => {
    const { gpu } = held;
    const gradients: Float32Array[] = [];
    for (const disturbed of [false, true]) {
      const p = parameters(4, true);
      const options = { ...p, momentum: MOMENTUM, eps: EPS };
      const x = randomTensor(gpu, [2, 3, 3, 4], 5, { requiresGrad: true });
      const y = batchNorm2d(x, { ...options, training: false });
      if (disturbed)
        batchNorm2d(randomTensor(gpu, [2, 3, 3, 4], 6, { low: 5, high: 9 }), { ...options, training: true });
      sum(mul(y, y)).backward();
      gradients.push(await (p.weight.grad as Tensor).data());
    }
    expect(gradients[1]).toEqual(gradients[0]);
  });

  it.each([8, 7])(
    'in evaluation gives the same bits where no gradient is recorded, of %i channels',
    async (channels) => {
      const { gpu } = held;
      const p = parameters(channels, true);
      const x = randomTensor(gpu, [2, 3, 5, channels], 7);
      const evaluated = () =>
        batchNorm2d(x, { ...p, training: false, momentum: MOMENTUM, eps: 0.3, activation: 'silu' });
      const y = await noGrad(evaluated).data();
      expect(y).toEqual(await evaluated().data());
      const [values, weight, bias, mean, variance] = await Promise.all(
        [x, p.weight, p.bias, p.runningMean, p.runningVar].map((t) => t.data()),
      );
      const expected = Float64Array.from(values, (v, i) => {
        const c = i % channels;
        const normal = ((v - mean[c]) / Math.sqrt(variance[c] + 0.3)) * weight[c] + bias[c];
        return normal / (1 + Math.exp(-normal));
      });
      expect(relativeError(y, expected)).toBeLessThan(2e-6);
    },
  );

  it('says what does not fit', () => {
    const { gpu } = held;
    const options = { ...parameters(4, false), training: true, momentum: MOMENTUM, eps: EPS };
    expect(() => batchNorm2d(randomTensor(gpu, [2, 3, 3, 5], 1), options)).toThrow('batchNorm2d: weight must be [5]');
    expect(() => batchNorm2d(randomTensor(gpu, [1, 1, 1, 4], 1), options)).toThrow('more than one value per channel');
    const unknown = { ...options, activation: 'tanh' as NormActivation };
    expect(() => batchNorm2d(randomTensor(gpu, [2, 3, 3, 4], 1), unknown)).toThrow(
      "batchNorm2d: there is no activation 'tanh'; choose one of relu, silu, gelu, leaky-relu.",
    );
  });
});
