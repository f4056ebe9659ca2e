import { describe, expect, it } from 'vitest';
import type { DeviceArray } from '../../src/kernels/device_array.ts';
import { adamStep, sgdStep } from '../../src/kernels/optimizer.ts';
import { randomValues, relativeError, useGpu } from '../gpu.ts';

const held = useGpu();
const STEPS = 5;
const LENGTHS = [1, 7, 64, 1027];
// Each step rounds a parameter a few times, by 6e-8 of it at most; five steps, and errors of the moments that enter with lr, stay below.
const TOLERANCE = 2e-6;

const gradient = (length: number, step: number) => randomValues(length, 1000 * step + length);

/** Runs `update` for some steps on arrays of several lengths at once; what it keeps starts as poison. */
async function parametersAfter(
  update: (slots: { parameter: F32; grad: F32; first: F32; second: F32 }[], stepsDone: number) => void,
): Promise<{ parameters: Float32Array[]; buffersMade: number; liveBytes: number }> {
  const { gpu } = held;
  const slots = LENGTHS.map((length) => ({
    parameter: gpu.upload(randomValues(length, length), 'parameter'),
    grad: gpu.alloc(length, 'f32', 'grad'),
    first: gpu.alloc(length, 'f32', 'kept'),
    second: gpu.alloc(length, 'f32', 'kept'),
  }));
  const before = { buffers: gpu.counters.buffers, live: gpu.memory.liveBytes };
  for (let done = 0; done < STEPS; done++) {
    for (const { grad } of slots) gpu.write(grad, gradient(grad.length, done));
    update(slots, done);
  }
  const made = { buffersMade: gpu.counters.buffers - before.buffers, liveBytes: gpu.memory.liveBytes - before.live };
  return { parameters: await Promise.all(slots.map(({ parameter }) => parameter.read())), ...made };
}
type F32 = DeviceArray<'f32'>;

/** The same in float64, one element after the other: `rule` is told gradient, parameter and step, and keeps its state in `kept`. */
function expected(rule: (g: number, p: number, t: number, kept: [number, number]) => number): Float64Array[] {
  return LENGTHS.map((length) => {
    const gradients = Array.from({ length: STEPS }, (_, done) => gradient(length, done));
    return Float64Array.from(randomValues(length, length), (start, i) => {
      const kept: [number, number] = [0, 0];
      let p = start;
      for (let done = 0; done < STEPS; done++) p = rule(gradients[done][i], p, done + 1, kept);
      return p;
    });
  });
}

describe('sgdStep', () => {
  it.each([
    { lr: 0.1, momentum: 0, weightDecay: 0, nesterov: false },
    { lr: 0.1, momentum: 0.9, weightDecay: 0, nesterov: false },
    { lr: 0.05, momentum: 0.9, weightDecay: 0.1, nesterov: true },
  ])('against float64, allocating nothing: %o', async (options) => {
    const { parameters, buffersMade, liveBytes } = await parametersAfter((slots, stepsDone) =>
      sgdStep(
        slots.map(({ parameter, grad, first }) => ({ parameter, grad, velocity: first })),
        { ...options, stepsDone },
      ),
    );
    const wanted = expected((g, p, t, kept) => {
      const pulled = g + options.weightDecay * p;
      kept[0] = t === 1 ? pulled : options.momentum * kept[0] + pulled;
      return p - options.lr * (options.nesterov ? pulled + options.momentum * kept[0] : kept[0]);
    });
    parameters.forEach((values, i) => {
      expect(relativeError(values, wanted[i])).toBeLessThan(TOLERANCE);
    });
    expect([buffersMade, liveBytes]).toEqual([0, 0]);
  });
});

describe('adamStep', () => {
  it.each([
    { lr: 0.01, beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 0, decoupled: false },
    { lr: 0.01, beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 0.3, decoupled: false },
    { lr: 0.01, beta1: 0.8, beta2: 0.95, eps: 1e-3, weightDecay: 0.3, decoupled: true },
  ])('against float64, allocating nothing: %o', async (options) => {
    const { lr, beta1, beta2, eps, weightDecay, decoupled } = options;
    const { parameters, buffersMade, liveBytes } = await parametersAfter((slots, stepsDone) =>
      adamStep(
        slots.map(({ parameter, grad, first, second }) => ({ parameter, grad, moment1: first, moment2: second })),
        { ...options, stepsDone },
      ),
    );
    const wanted = expected((g, p, t, kept) => {
      const start = decoupled ? p * (1 - lr * weightDecay) : p;
      const pulled = decoupled ? g : g + weightDecay * p;
      kept[0] = beta1 * kept[0] + (1 - beta1) * pulled;
      kept[1] = beta2 * kept[1] + (1 - beta2) * pulled ** 2;
      const denominator = Math.sqrt(kept[1]) / Math.sqrt(1 - beta2 ** t) + eps;
      return start - ((lr / (1 - beta1 ** t)) * kept[0]) / denominator;
    });
    parameters.forEach((values, i) => {
      expect(relativeError(values, wanted[i])).toBeLessThan(TOLERANCE);
    });
    expect([buffersMade, liveBytes]).toEqual([0, 0]);
  });
});
