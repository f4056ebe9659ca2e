import { BoundedSum, expectEach, HALF_ULP } from '../bounded_sum.ts';
import { input } from '../case_data.ts';
import type { CaseArray, Exercise, ExerciseCase, Expected } from '../exercise.ts';

interface Step {
  step: number;
  lr: number;
  weightDecay: number;
  decoupled: boolean;
}

function adam(count: number, { step, lr, weightDecay, decoupled }: Step): ExerciseCase {
  const [beta1, beta2, eps] = [0.9, 0.99, 1e-2];
  const first = step === 1;
  const params = {
    vectors: Math.ceil(count / 4),
    step_size: lr / (1 - beta1 ** step),
    root: Math.sqrt(1 - beta2 ** step),
    ...{ beta1, rest1: 1 - beta1, beta2, rest2: 1 - beta2, eps },
    decay: decoupled ? 0 : weightDecay,
    shrink: decoupled ? 1 - lr * weightDecay : 1,
    first: first ? 1 : 0,
    ...{ lr: 0, scaled: 0, steps: 0 },
  };
  const grad = input('i', [count], 1);
  const parameter = input('i', [count], 2);
  // Before the first step the moments hold nothing, whatever lies there.
  const before = (seed: number): CaseArray & { data: Float32Array } =>
    first
      ? { axes: 'i', shape: [count], data: new Float32Array(count).fill(Number.NaN) }
      : input('i', [count], seed, 0.1, 1);
  const [moment1, moment2] = [before(3), before(4)];
  const f32 = Object.fromEntries(
    Object.entries(params).map(([key, value]) => [key, Math.fround(value)]),
  ) as typeof params;
  const m: BoundedSum[] = [];
  const v: (readonly [number, number])[] = [];
  const after: Expected = { values: new Float64Array(count), allowed: new Float64Array(count) };
  for (let i = 0; i < count; i++) {
    const p = parameter.data[i] * f32.shrink;
    const [slope, pull] = [grad.data[i], f32.decay * p];
    m[i] = new BoundedSum();
    for (const term of [f32.rest1 * slope, f32.rest1 * pull, first ? 0 : f32.beta1 * moment1.data[i]]) m[i].add(term);
    const old = first ? 0 : f32.beta2 * moment2.data[i];
    const square = f32.rest2 * (slope + pull) ** 2 + old;
    const units = 12 * (f32.rest2 * (Math.abs(slope) + Math.abs(pull)) ** 2 + old);
    v[i] = [square, units / square];
    const update = (f32.step_size * m[i].value) / (Math.sqrt(square) / f32.root + f32.eps);
    after.values[i] = p - update;
    const relative = m[i].allowed / Math.abs(m[i].value || 1) + (v[i][1] + 24) * HALF_ULP;
    after.allowed[i] = 4 * HALF_ULP * (Math.abs(p) + Math.abs(update)) + 2 * Math.abs(update) * relative;
  }
  return {
    title: `${count} parameters, step ${step}${weightDecay > 0 ? `, weight decay ${weightDecay}${decoupled ? ' decoupled' : ''}` : ''}`,
    arrays: {
      grad,
      // The moments first, as the parameter is made of them: so a mistake is told where it was made.
      moment1: { ...moment1, expected: expectEach(count, (i) => m[i]) },
      moment2: { ...moment2, expected: expectEach(count, (i) => v[i]) },
      parameter: { ...parameter, expected: after },
      // Of half precision, which these cases are not in.
      scaling: { axes: 'i', shape: [4], data: new Float32Array(4) },
    },
    params,
    invocations: params.vectors,
  };
}

/** One step of Adam. */
export const ADAM: Exercise = {
  name: 'adam',
  title: 'Adam: a step of the optimizer',
  teaches: 'the two moments, their correction in the first steps, and weight decay in its two forms',
  shader: 'adam',
  holes: [
    {
      first: 'let g = grad[i] + params.decay * p;',
      last: '}',
      instead: [
        '  // TODO 1: the gradient with the L2 decay.',
        '  let g = grad[i];',
        '  // TODO 2: the new moments: rest1 (which is 1 − β1) of g and rest2 of g², and, but for the first step, beta1 and beta2 of the old moments.',
        '  var m = g;',
        '  var v = g;',
      ],
    },
    {
      first: 'parameter[i] = p - step_size * m / (sqrt(v) / root + params.eps);',
      instead: ['  // TODO 3: the step.', '  parameter[i] = p - step_size * m;'],
    },
  ],
  hints: [
    'g = grad + decay · p. Then m takes rest1 of g and beta1 of the old m, and v rest2 of g² and beta2 of the old v.',
    'In the first step the moments hold no numbers yet: the old ones are added only where `params.first` is 0.',
    'p − step_size · m / (sqrt(v) / root + eps). What p was before is shrunk first, which does something only where the decay is decoupled.',
  ],
  meanings: {
    'not-a-number': 'In the first step the moments hold NaN: they must not be read, not even to be multiplied by 0.',
    'one-case':
      'Look at what this case has: the first step, a decay inside the gradient (L2), or a decoupled one (AdamW).',
    all: 'The array says where: moment1 takes g, moment2 its square; in the step v is corrected by `root` first, and eps stands behind the root.',
  },
  cases: () => [
    adam(2050, { step: 1, lr: 0.1, weightDecay: 0, decoupled: false }),
    adam(1801, { step: 3, lr: 0.1, weightDecay: 0.5, decoupled: false }),
    adam(1303, { step: 7, lr: 0.1, weightDecay: 0.5, decoupled: true }),
  ],
  small: () => adam(6, { step: 2, lr: 0.1, weightDecay: 0.5, decoupled: false }),
  speed: () => ({ case: adam(500_000, { step: 3, lr: 1e-3, weightDecay: 0, decoupled: false }) }),
  next: 'src/nn/optimizers/adam.ts: the class around it; shaders/sgd.wgsl and shaders/rmsprop.wgsl: its neighbours',
};
