import { describe, expect, it } from 'vitest';
import { adamStep, rmspropStep, sgdStep } from '../../src/kernels/optimizer.ts';
import type { DeviceArray } from '../../src/runtime/gpu.ts';
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
        slots.map(({ parameter, grad, first }) => ({
          ...{ parameter, grad },
          velocity: options.momentum > 0 ? first : undefined,
        })),
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
    // Without momentum one small array stands for the velocity.
    expect([buffersMade, liveBytes]).toEqual([options.momentum > 0 ? 0 : 1, 0]);
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

describe('rmspropStep', () => {
  it.each([
    { lr: 0.01, alpha: 0.99, eps: 1e-8, weightDecay: 0, momentum: 0, centred: false },
    { lr: 0.01, alpha: 0.9, eps: 1e-3, weightDecay: 0.3, momentum: 0.9, centred: false },
    { lr: 0.01, alpha: 0.9, eps: 1e-3, weightDecay: 0, momentum: 0, centred: true },
    { lr: 0.01, alpha: 0.95, eps: 1e-2, weightDecay: 0.3, momentum: 0.5, centred: true },
  ])('against float64: %o', async (options) => {
    const { gpu } = held;
    const { lr, alpha, eps, weightDecay, momentum, centred } = options;
    const averages = LENGTHS.map((length) => gpu.alloc(length, 'f32', 'kept'));
    const { parameters, liveBytes } = await parametersAfter((slots, stepsDone) =>
      rmspropStep(
        slots.map(({ parameter, grad, first, second }, i) => ({
          ...{ parameter, grad, squareAverage: first },
          gradAverage: centred ? averages[i] : undefined,
          velocity: momentum > 0 ? second : undefined,
        })),
        { ...options, stepsDone },
      ),
    );
    const averaged = new Map<[number, number], number>();
    const wanted = expected((g, p, _t, kept) => {
      const pulled = g + weightDecay * p;
      kept[0] = alpha * kept[0] + (1 - alpha) * pulled ** 2;
      const mean = alpha * (averaged.get(kept) ?? 0) + (1 - alpha) * pulled;
      averaged.set(kept, mean);
      kept[1] = momentum * kept[1] + pulled / (Math.sqrt(kept[0] - (centred ? mean ** 2 : 0)) + eps);
      return p - lr * kept[1];
    });
    parameters.forEach((values, i) => {
      // The centred variance is a difference of near equals: it rounds ten times as much.
      expect(relativeError(values, wanted[i])).toBeLessThan(centred ? 10 * TOLERANCE : TOLERANCE);
    });
    expect(liveBytes).toBe(0);
  });

  it('stays finite where a gradient that never changes leaves no variance', async () => {
    const { gpu } = held;
    const slot = {
      parameter: gpu.upload(Float32Array.of(1, 1, 1, 1), 'parameter'),
      grad: gpu.upload(Float32Array.of(0.1, -0.3, 0.7, 0), 'grad'),
      squareAverage: gpu.alloc(4, 'f32', 'kept'),
      gradAverage: gpu.alloc(4, 'f32', 'kept'),
    };
    const step = { lr: 1e-3, alpha: 0.5, eps: 1e-3, weightDecay: 0, momentum: 0, centred: true };
    for (let stepsDone = 0; stepsDone < 60; stepsDone++) rmspropStep([slot], { ...step, stepsDone });
    expect((await slot.parameter.read()).every(Number.isFinite)).toBe(true);
  });
});
