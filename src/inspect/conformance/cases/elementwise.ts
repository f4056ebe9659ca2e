import * as kernels from '../../../kernels/elementwise.ts';
import { type UnaryNumbers, type UnaryOp, unary, unaryGrad } from '../../../kernels/elementwise.ts';
import { exact, type F32, type KernelCase, type KernelFamily, type Output } from '../kernel_case.ts';
import { randomValues } from '../random_values.ts';

const C = Math.sqrt(2 / Math.PI);
const inner = (v: number) => C * (v + 0.044715 * v ** 3);
const logistic = (v: number) => 1 / (1 + Math.exp(-v));

/** Φ(v), the normal distribution's cumulative function: its series where it converges fast, else its continued fraction. */
function normalBelow(v: number): number {
  const density = Math.exp((-v * v) / 2) / Math.sqrt(2 * Math.PI);
  if (Math.abs(v) < 4) {
    let [sum, term] = [v, v];
    for (let k = 3; Math.abs(term) > 1e-18; k += 2) {
      term *= (v * v) / k;
      sum += term;
    }
    return 0.5 + density * sum;
  }
  let fraction = 0;
  for (let k = 60; k >= 1; k--) fraction = k / (Math.abs(v) + fraction);
  const beyond = density / (Math.abs(v) + fraction);
  return v > 0 ? 1 - beyond : beyond;
}

/** x · Φ(x) and its slope. */
export const geluByHand = {
  y: (v: number) => v * normalBelow(v),
  slope: (v: number) => normalBelow(v) + (v * Math.exp((-v * v) / 2)) / Math.sqrt(2 * Math.PI),
};

interface Function1 {
  op: UnaryOp;
  numbers?: UnaryNumbers;
  low: number;
  high: number;
  y: (v: number) => number;
  /** y' of the input; what the kernel reads is the output where `fromOutput`. */
  slope?: (v: number) => number;
  fromOutput?: boolean;
  /** Roundings, of the largest value. Default 60. */
  roundings?: number | 'none';
}

// WGSL lets exp err by 3 + 2·|x| units in the last place, which at 5 is 13 roundings or 26 half units, and log by 2^-21 = 8 near 1; products and
// quotients add a few.
const ROUNDINGS = 60;

const FUNCTIONS: readonly Function1[] = [
  { op: 'EXP', low: -5, high: 5, y: Math.exp },
  { op: 'LOG', low: 0.01, high: 10, y: Math.log, slope: (v) => 1 / v },
  { op: 'SQRT', low: 0.01, high: 10, y: Math.sqrt, slope: (v) => 0.5 / Math.sqrt(v), fromOutput: true },
  { op: 'ABS', low: -5, high: 5, y: Math.abs, slope: Math.sign, roundings: 'none' },
  // 1 − y² errs by 1.2e-7, which beyond 4 is much of it alone, and little of the largest slope among several.
  { op: 'TANH', low: -2, high: 5, y: Math.tanh, slope: (v) => 1 - Math.tanh(v) ** 2, fromOutput: true },
  { op: 'TANH', low: -0.3, high: 0.3, y: Math.tanh, slope: (v) => 1 - Math.tanh(v) ** 2, fromOutput: true },
  {
    ...{ op: 'CLAMP', numbers: [-1.5, 2], low: -5, high: 5, roundings: 'none' },
    y: (v) => Math.min(Math.max(v, -1.5), 2),
    slope: (v) => (v >= -1.5 && v <= 2 ? 1 : 0),
  },
  ...[-3, -1, 0, 1, 2, 3, 7].map(
    (p): Function1 => ({
      ...{ op: 'POWER', numbers: [p], low: p < 0 ? 0.5 : -3, high: 3 },
      y: (v) => v ** p,
      slope: (v) => (p === 0 ? 0 : p * v ** (p - 1)),
    }),
  ),
  // 2^(p · log₂ v): the exponent reaches 20 · log₂ 3 = 32, and its rounding, 2e-6, is relative to the result.
  ...[-2.5, 0.3, 0.5, 1.7, 20].map(
    (p): Function1 => ({
      ...{ op: 'POWER', numbers: [p], low: 0.25, high: 3, roundings: 160 },
      y: (v) => v ** p,
      slope: (v) => p * v ** (p - 1),
    }),
  ),
  {
    ...{ op: 'GELU_TANH', low: -6, high: 6 },
    y: (v) => 0.5 * v * (1 + Math.tanh(inner(v))),
    slope: (v) => {
      const t = Math.tanh(inner(v));
      return 0.5 * (1 + t) + 0.5 * v * (1 - t * t) * C * (1 + 3 * 0.044715 * v * v);
    },
  },
];

/** Functions that a quick look takes: each is a pipeline to compile, and one for its gradient. */
const QUICK: readonly UnaryOp[] = ['TANH', 'GELU_TANH'];

function functionCase(f: Function1, count: number): KernelCase {
  const { op, numbers = [], low, high, y, slope, fromOutput, roundings = ROUNDINGS } = f;
  return {
    name: `${op}${numbers.length > 0 ? ` ${numbers.join(', ')}` : ''} of ${count} numbers from ${low} to ${high}`,
    quick: count === 1027 && QUICK.includes(op),
    prepare() {
      const [x, dy] = [randomValues(count, 3, low, high), randomValues(count, 4)];
      const values = Array.from(x, y);
      const read = fromOutput ? Float32Array.from(values) : x;
      return (gpu): Output[] => {
        const outputs: Output[] = [{ name: 'y', run: () => unary(op, gpu.upload(x, 'x'), numbers), values, roundings }];
        if (slope) {
          const run = () => unaryGrad(op as 'LOG', gpu.upload(dy, 'dy'), gpu.upload(read, 'v'), numbers);
          outputs.push({ name: 'dx', run, values: Array.from(x, (v, i) => dy[i] * slope(v)), roundings });
        }
        return outputs;
      };
    },
  };
}

// Where a grid's rows are of 2 workgroups of 256: three full rows of invocations that take four elements each, save the last element.
const COUNT = 6143;
const slope = (v: number) =>
  0.5 * (1 + Math.tanh(inner(v))) + 0.5 * v * (1 - Math.tanh(inner(v)) ** 2) * C * (1 + 3 * 0.044715 * v * v);

function addedInPlace(a: F32, b: F32): F32 {
  kernels.addInPlace(a, b);
  return a;
}

/** Kernels of one element each: of a and b, both from −3 to 3. */
const MAPS: readonly [string, (a: F32, b: F32) => F32, (a: number, b: number) => number, (number | 'none')?][] = [
  ['add', kernels.add, (a, b) => a + b],
  ['addRelu', kernels.addRelu, (a, b) => Math.max(a + b, 0)],
  ['mul', kernels.mul, (a, b) => a * b],
  ['scale', (a) => kernels.scale(a, 3), (a) => 3 * a],
  ['copy', kernels.copy, (a) => a, 'none'],
  ['fill', (a) => kernels.fill(a.gpu, a.length, 7), () => 7, 'none'],
  ['relu', kernels.relu, (a) => Math.max(a, 0), 'none'],
  ['reluGrad', kernels.reluGrad, (a, b) => (b > 0 ? a : 0), 'none'],
  ['leakyRelu', (a) => kernels.leakyRelu(a, 0.1), (a) => (a > 0 ? a : 0.1 * a)],
  ['leakyReluGrad', (a, b) => kernels.leakyReluGrad(a, b, 0.1), (a, b) => (b > 0 ? a : 0.1 * a)],
  ['sigmoid', kernels.sigmoid, logistic, ROUNDINGS],
  ['sigmoidGrad', kernels.sigmoidGrad, (a, b) => a * b * (1 - b), ROUNDINGS],
  ['silu', kernels.silu, (a) => a * logistic(a), ROUNDINGS],
  ['siluGrad', kernels.siluGrad, (a, b) => a * logistic(b) * (1 + b * (1 - logistic(b))), ROUNDINGS],
  ['gelu', kernels.gelu, geluByHand.y, ROUNDINGS],
  ['geluGrad', kernels.geluGrad, (a, b) => a * geluByHand.slope(b), ROUNDINGS],
  ['unary', (a) => kernels.unary('ABS', a), (a) => Math.abs(a), 'none'],
  ['unaryGrad', (a, b) => kernels.unaryGrad('ABS', a, b), (a, b) => a * Math.sign(b), 'none'],
  ['GELU_TANH', (a) => kernels.unary('GELU_TANH', a), (a) => 0.5 * a * (1 + Math.tanh(inner(a))), ROUNDINGS],
  ['GELU_TANH grad', (a, b) => kernels.unaryGrad('GELU_TANH', a, b), (a, b) => a * slope(b), ROUNDINGS],
  ['addInPlace', addedInPlace, (a, b) => a + b],
];

const mapCase = ([name, kernel, expected, roundings]: (typeof MAPS)[number], count: number): KernelCase => ({
  name: `${name} of ${count} numbers`,
  quick: count === COUNT,
  prepare() {
    const [a, b] = [randomValues(count, 1, -3, 3), randomValues(count, 2, -3, 3)];
    const values = Float64Array.from(a, (value, i) => expected(value, b[i]));
    // A small result may be the difference of larger numbers: it rounds as those do.
    const magnitudes = new Float64Array(count).fill(values.reduce((most, v) => Math.max(most, Math.abs(v)), 1));
    return (gpu) => [
      { name: 'y', run: () => kernel(gpu.upload(a, 'a'), gpu.upload(b, 'b')), values, magnitudes, roundings },
    ];
  },
});

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

/** What stands at the ends of the numbers: x, and what comes of it. */
const ENDS: readonly [UnaryOp, UnaryNumbers, readonly number[], readonly number[]][] = [
  ['EXP', [], [nan, infinity, -infinity, 0], [nan, infinity, 0, 1]],
  ['LOG', [], [nan, infinity, 0, -0, -1, -infinity, 1], [nan, infinity, -infinity, -infinity, nan, nan, 0]],
  ['SQRT', [], [nan, infinity, 0, -1, -infinity], [nan, infinity, 0, nan, nan]],
  ['ABS', [], [nan, infinity, -infinity, 0], [nan, infinity, infinity, 0]],
  ['TANH', [], [nan, infinity, -infinity, 0, 100, -100], [nan, 1, -1, 0, 1, -1]],
  ['CLAMP', [-1, 2], [nan, infinity, -infinity, 2, -1], [nan, 2, -1, 2, -1]],
  ['CLAMP', [-infinity, 2], [nan, infinity, -1e30], [nan, 2, Math.fround(-1e30)]],
  // The largest wins over a least that lies above it.
  ['CLAMP', [3, 2], [nan, 0, 5], [nan, 2, 2]],
  ['POWER', [0], [nan, infinity, 0, -2], [1, 1, 1, 1]],
  ['POWER', [2], [nan, -infinity, 0, -3], [nan, infinity, 0, 9]],
  ['POWER', [-1], [nan, infinity, 0, -2], [nan, 0, infinity, -0.5]],
  ['POWER', [0.5], [nan, 0, 4, -4], [nan, 0, 2, nan]],
  ['POWER', [1.5], [nan, 0, 1, -4], [nan, 0, 1, nan]],
  ['POWER', [-1.5], [nan, 0, 1, -4], [nan, infinity, 1, nan]],
  ['POWER', [17], [-1, 0], [-1, 0]],
  ['POWER', [18], [-1, 1], [1, 1]],
  ['GELU_TANH', [], [nan, -100, 100, 0], [nan, 0, 100, 0]],
];

const endCase = ([op, numbers, x, y]: (typeof ENDS)[number]): KernelCase => ({
  name: `${op} ${numbers.join(', ')} of ${x.join(', ')}`.replace('  ', ' '),
  prepare: () => (gpu) => [
    { name: 'y', run: () => unary(op, gpu.upload(Float32Array.from(x), 'x'), numbers), ...exact(y) },
  ],
});

export const ELEMENTWISE: KernelFamily = {
  kernels: 'elementwise',
  cases: [
    ...MAPS.map((map) => mapCase(map, COUNT)),
    ...MAPS.map((map) => mapCase(map, 1)),
    ...FUNCTIONS.flatMap((f) => [1, 7, 256, 1027].map((count) => functionCase(f, count))),
    ...ENDS.map(endCase),
  ],
};
