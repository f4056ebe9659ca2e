import { clipNorm, clipValue } from '../../../kernels/clip.ts';
import {
  type AdamStep,
  adamStep,
  type RmspropStep,
  rmspropStep,
  type SgdStep,
  sgdStep,
} from '../../../kernels/optimizer.ts';
import { RunningMetrics } from '../../../kernels/running_metrics.ts';
import type { Gpu } from '../../../runtime/gpu.ts';
import type { F32, KernelCase, KernelFamily } from '../kernel_case.ts';
import { randomValues } from '../random_values.ts';

/** Steps that a rule is followed for. */
const STEPS = 5;
const LENGTHS = [1, 7, 64, 1027];

const gradient = (length: number, step: number) => randomValues(length, 1000 * step + length);

/** A parameter, its gradient, and three arrays that start as anything. */
type Slot = Record<'parameter' | 'grad' | 'first' | 'second' | 'third', F32>;

/** One step of a rule for one number: gradient, parameter, number of the step from 1 on, what is kept of it. Returns the parameter. */
type Rule = (g: number, p: number, t: number, kept: [number, number, number]) => number;

/**
 * A rule for some steps, on arrays of several lengths at once. roundings: each step rounds a parameter a few times; five steps, and errors of what is
 * kept, add up.
 */
const updateCase = (
  name: string,
  update: (slots: Slot[], stepsDone: number, scaling?: F32) => void,
  rule: Rule,
  roundings = 32,
  skipped?: readonly boolean[],
): KernelCase => ({
  name: skipped ? `${name}, steps skipped` : name,
  quick: true,
  prepare() {
    const expected = LENGTHS.map((length) => {
      const gradients = Array.from({ length: STEPS }, (_, done) => gradient(length, done));
      return Float64Array.from(randomValues(length, length), (start, i) => {
        const kept: [number, number, number] = [0, 0, 0];
        let p = start;
        let t = 0;
        for (let done = 0; done < STEPS; done++) if (!skipped?.[done]) p = rule(gradients[done][i], p, ++t, kept);
        return p;
      });
    });
    const after = (gpu: Gpu): Slot[] => {
      const slots = LENGTHS.map((length) => ({
        parameter: gpu.upload(randomValues(length, length), 'parameter'),
        grad: gpu.alloc(length, 'f32', 'grad'),
        first: gpu.alloc(length, 'f32', 'kept'),
        second: gpu.alloc(length, 'f32', 'kept'),
        third: gpu.alloc(length, 'f32', 'kept'),
      }));
      const scaling = skipped && gpu.alloc(4, 'f32', 'scaling');
      let before = 0;
      for (let done = 0; done < STEPS; done++) {
        for (const { grad } of slots) gpu.write(grad, gradient(grad.length, done));
        if (scaling) {
          // As `loss_scale.wgsl` leaves it: a step that is skipped is counted already.
          before += Number(skipped[done]);
          gpu.write(scaling, Float32Array.of(0, before, 0, Number(skipped[done])));
        }
        update(slots, done, scaling);
      }
      return slots;
    };
    return (gpu) =>
      expected.map((values, i) => ({
        ...{ name: `parameters of ${LENGTHS[i]}`, run: () => after(gpu)[i].parameter, values, roundings },
      }));
  },
});

/** The first step is skipped, so that what is kept holds nothing at the next, and one later on. */
const SKIPPED = [true, false, false, true, false];

const sgdCase = (options: Omit<SgdStep, 'stepsDone'>, skipped?: readonly boolean[]): KernelCase => {
  const { lr, momentum, weightDecay, nesterov } = options;
  return updateCase(
    `SGD, momentum ${momentum}, decay ${weightDecay}${nesterov ? ', Nesterov' : ''}`,
    (slots, stepsDone, scaling) =>
      sgdStep(
        slots.map(({ parameter, grad, first }) => ({ parameter, grad, velocity: momentum > 0 ? first : undefined })),
        { ...options, stepsDone, scaling },
      ),
    (g, p, t, kept) => {
      const pulled = g + weightDecay * p;
      kept[0] = t === 1 ? pulled : momentum * kept[0] + pulled;
      return p - lr * (nesterov ? pulled + momentum * kept[0] : kept[0]);
    },
    undefined,
    skipped,
  );
};

const adamCase = (options: Omit<AdamStep, 'stepsDone'>, skipped?: readonly boolean[]): KernelCase => {
  const { lr, beta1, beta2, eps, weightDecay, decoupled } = options;
  return updateCase(
    `Adam${decoupled ? 'W' : ''}, β ${beta1} and ${beta2}, decay ${weightDecay}`,
    (slots, stepsDone, scaling) =>
      adamStep(
        slots.map(({ parameter, grad, first, second }) => ({ parameter, grad, moment1: first, moment2: second })),
        { ...options, stepsDone, scaling },
      ),
    (g, p, t, kept) => {
      const start = decoupled ? p * (1 - lr * weightDecay) : p;
      const pulled = decoupled ? g : g + weightDecay * p;
      kept[0] = beta1 * kept[0] + (1 - beta1) * pulled;
      kept[1] = beta2 * kept[1] + (1 - beta2) * pulled ** 2;
      const denominator = Math.sqrt(kept[1]) / Math.sqrt(1 - beta2 ** t) + eps;
      return start - ((lr / (1 - beta1 ** t)) * kept[0]) / denominator;
    },
    undefined,
    skipped,
  );
};

const rmspropCase = (options: Omit<RmspropStep, 'stepsDone'>, skipped?: readonly boolean[]): KernelCase => {
  const { lr, alpha, eps, weightDecay, momentum, centred } = options;
  return updateCase(
    `RMSprop, α ${alpha}, momentum ${momentum}, decay ${weightDecay}${centred ? ', centred' : ''}`,
    (slots, stepsDone, scaling) =>
      rmspropStep(
        slots.map(({ parameter, grad, first, second, third }) => ({
          ...{ parameter, grad, squareAverage: first },
          gradAverage: centred ? third : undefined,
          velocity: momentum > 0 ? second : undefined,
        })),
        { ...options, stepsDone, scaling },
      ),
    (g, p, _t, kept) => {
      const pulled = g + weightDecay * p;
      kept[0] = alpha * kept[0] + (1 - alpha) * pulled ** 2;
      kept[2] = alpha * kept[2] + (1 - alpha) * pulled;
      kept[1] = momentum * kept[1] + pulled / (Math.sqrt(kept[0] - (centred ? kept[2] ** 2 : 0)) + eps);
      return p - lr * kept[1];
    },
    // The centred variance is a difference of near equals: it rounds ten times as much.
    centred ? 320 : 32,
    skipped,
  );
};

export const OPTIMIZER: KernelFamily = {
  kernels: 'optimizer',
  cases: [
    ...[
      { lr: 0.1, momentum: 0, weightDecay: 0, nesterov: false },
      { lr: 0.1, momentum: 0.9, weightDecay: 0, nesterov: false },
      { lr: 0.05, momentum: 0.9, weightDecay: 0.1, nesterov: true },
    ].flatMap((options) => [sgdCase(options), sgdCase(options, SKIPPED)]),
    ...[
      { lr: 0.01, beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 0, decoupled: false },
      { lr: 0.01, beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 0.3, decoupled: false },
      { lr: 0.01, beta1: 0.8, beta2: 0.95, eps: 1e-3, weightDecay: 0.3, decoupled: true },
    ].flatMap((options) => [adamCase(options), adamCase(options, SKIPPED)]),
    ...[
      { lr: 0.01, alpha: 0.99, eps: 1e-8, weightDecay: 0, momentum: 0, centred: false },
      { lr: 0.01, alpha: 0.9, eps: 1e-3, weightDecay: 0.3, momentum: 0.9, centred: false },
      { lr: 0.01, alpha: 0.9, eps: 1e-3, weightDecay: 0, momentum: 0, centred: true },
      { lr: 0.01, alpha: 0.95, eps: 1e-2, weightDecay: 0.3, momentum: 0.5, centred: true },
    ].flatMap((options) => [rmspropCase(options), rmspropCase(options, SKIPPED)]),
  ],
};

const clipCase = (lengths: readonly number[], limit: number): KernelCase => ({
  name: `arrays of ${lengths.join(', ')}, limit ${limit}`,
  quick: true,
  prepare() {
    const all = lengths.map((length) => randomValues(length, length));
    const norm = Math.sqrt(all.reduce((sum, values) => sum + values.reduce((own, v) => own + v * v, 0), 0));
    const terms = lengths.reduce((sum, length) => sum + length, 0);
    const factor = Math.min(1, limit / (norm + 1e-6));
    return (gpu) => {
      const arrays = () => all.map((values) => gpu.upload(values, 'gradient'));
      return [
        { name: 'norm', run: () => clipNorm(arrays(), limit), values: [norm], terms },
        ...all.flatMap((values, i) => [
          {
            name: `array ${i}, its norm clipped`,
            run() {
              const own = arrays();
              clipNorm(own, limit);
              return own[i];
            },
            ...{ values: Array.from(values, (v) => v * factor), terms },
          },
          {
            name: `array ${i}, its values clipped`,
            run() {
              const own = arrays();
              clipValue(own, 0.5);
              return own[i];
            },
            ...{ values: values.map((v) => Math.min(Math.max(v, -0.5), 0.5)), roundings: 'none' as const },
          },
        ]),
      ];
    };
  },
});

export const CLIP: KernelFamily = {
  kernels: 'clip',
  cases: [clipCase([1], 0.1), clipCase([5, 64, 1027], 2), clipCase([70_001, 3], 1e6)],
};

const metricsCase = ([rows, classes]: readonly [number, number]): KernelCase => ({
  name: `${rows} rows of ${classes} classes`,
  quick: true,
  prepare() {
    // Quarters give ties: the first of equals counts.
    const logits = randomValues(rows * classes, rows).map((v) => Math.round(4 * v) / 4);
    const labels = Uint32Array.from({ length: rows }, (_, r) => r % classes);
    const right = Array.from(labels, (label, r) => {
      const row = logits.subarray(r * classes, (r + 1) * classes);
      return Number(row.indexOf(Math.max(...row)) === label);
    });
    const correct = right.reduce((sum, v) => sum + v, 0);
    return (gpu) => [
      {
        name: 'sums',
        run() {
          const metrics = new RunningMetrics(gpu);
          for (const loss of [0.5, Number.NaN]) {
            metrics.add(gpu.upload(Float32Array.of(loss), 'loss'), gpu.upload(logits, 'x'), gpu.upload(labels, 'l'));
          }
          metrics.set({ loss: 10, correct: 3, count: 5 });
          for (const loss of [0.5, Number.POSITIVE_INFINITY, Number.NaN]) {
            metrics.add(gpu.upload(Float32Array.of(loss), 'loss'), gpu.upload(logits, 'x'), gpu.upload(labels, 'l'));
          }
          return metrics.sums;
        },
        values: [Number.NaN, 3 + 3 * correct, 5 + 3 * rows, 3, 1],
        roundings: 'none',
      },
      {
        name: 'sums without batches whose loss is not finite',
        run() {
          const metrics = new RunningMetrics(gpu, { tolerant: true });
          for (const loss of [0.5, Number.POSITIVE_INFINITY, Number.NaN, 0.25]) {
            metrics.add(gpu.upload(Float32Array.of(loss), 'loss'), gpu.upload(logits, 'x'), gpu.upload(labels, 'l'));
          }
          return metrics.sums;
        },
        values: [0.75 * rows, 2 * correct, 2 * rows, 2, -1],
        roundings: 'none',
      },
    ];
  },
});

export const RUNNING_METRICS: KernelFamily = {
  kernels: 'running_metrics',
  cases: (
    [
      [130, 10],
      [1, 4],
      [64, 3],
    ] as const
  ).map(metricsCase),
};
