import { describe, expect, it } from 'vitest';
import * as kernels from '../../src/kernels/elementwise.ts';
import { type UnaryNumbers, type UnaryOp, unary, unaryGrad } from '../../src/kernels/elementwise.ts';
import type { DeviceArray } from '../../src/runtime/gpu.ts';
import { randomValues, relativeError, useGpu } from '../gpu.ts';

const held = useGpu();

const C = Math.sqrt(2 / Math.PI);
const inner = (v: number) => C * (v + 0.044715 * v ** 3);

interface Case {
  op: UnaryOp;
  numbers?: UnaryNumbers;
  low: number;
  high: number;
  y: (v: number) => number;
  /** y' of the input; what the kernel reads is the output where `fromOutput`. */
  slope?: (v: number) => number;
  fromOutput?: boolean;
  /** Relative to the largest value. Default 4e-6. */
  tolerance?: number;
}

// WGSL lets exp err by 3 + 2·|x| units in the last place, which at 5 is 8e-7, and log by 2^-21 = 5e-7 near 1; products and quotients add a few roundings.
const CASES: readonly Case[] = [
  { op: 'EXP', low: -5, high: 5, y: Math.exp },
  { op: 'LOG', low: 0.01, high: 10, y: Math.log, slope: (v) => 1 / v },
  { op: 'SQRT', low: 0.01, high: 10, y: Math.sqrt, slope: (v) => 0.5 / Math.sqrt(v), fromOutput: true },
  { op: 'ABS', low: -5, high: 5, y: Math.abs, slope: Math.sign, tolerance: 0 },
  // 1 − y² errs by 1.2e-7, which beyond 4 is much of it alone, and little of the largest slope among several.
  { op: 'TANH', low: -2, high: 5, y: Math.tanh, slope: (v) => 1 - Math.tanh(v) ** 2, fromOutput: true },
  { op: 'TANH', low: -0.3, high: 0.3, y: Math.tanh, slope: (v) => 1 - Math.tanh(v) ** 2, fromOutput: true },
  {
    ...{ op: 'CLAMP', numbers: [-1.5, 2], low: -5, high: 5, tolerance: 0 },
    y: (v) => Math.min(Math.max(v, -1.5), 2),
    slope: (v) => (v >= -1.5 && v <= 2 ? 1 : 0),
  },
  ...[-3, -1, 0, 1, 2, 3, 7].map(
    (p): Case => ({
      ...{ op: 'POWER', numbers: [p], low: p < 0 ? 0.5 : -3, high: 3 },
      y: (v) => v ** p,
      slope: (v) => (p === 0 ? 0 : p * v ** (p - 1)),
    }),
  ),
  // 2^(p · log₂ v): the exponent reaches 20 · log₂ 3 = 32, and its rounding, 2e-6, is relative to the result.
  ...[-2.5, 0.3, 0.5, 1.7, 20].map(
    (p): Case => ({
      ...{ op: 'POWER', numbers: [p], low: 0.25, high: 3, tolerance: 1e-5 },
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

describe.each(CASES)('$op $numbers', ({ op, numbers = [], low, high, y, slope, fromOutput, tolerance = 4e-6 }) => {
  it.each([1, 7, 256, 1027])('of %i numbers, against float64', async (count) => {
    const { gpu } = held;
    const x = randomValues(count, 3, low, high);
    const dy = randomValues(count, 4);
    const values = Array.from(x, y);
    const out = await unary(op, gpu.upload(x, 'x'), numbers).read();
    expect(relativeError(out, values)).toBeLessThanOrEqual(tolerance);
    if (slope === undefined) return;
    const read = fromOutput ? Float32Array.from(values) : x;
    const dx = unaryGrad(op as 'LOG', gpu.upload(dy, 'dy'), gpu.upload(read, 'v'), numbers);
    const expected = Array.from(x, (v, i) => dy[i] * slope(v));
    expect(relativeError(await dx.read(), expected)).toBeLessThanOrEqual(tolerance);
  });
});

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

describe('at the ends of what numbers can be', () => {
  const ends: readonly [UnaryOp, UnaryNumbers, readonly number[], readonly number[]][] = [
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
  it.each(ends)('%s %j of %j', async (op, numbers, x, y) => {
    const out = await unary(op, held.gpu.upload(Float32Array.from(x), 'x'), numbers).read();
    // Of 0 the sign does not matter.
    expect(Array.from(out, (v) => v + 0)).toEqual(y.map((v) => v + 0));
  });
});

type Array1 = DeviceArray<'f32'>;

describe('every element, over several rows of the grid', () => {
  // The grids of these tests have rows of 2 workgroups of 256: three full rows of invocations that take four elements each, save the last element.
  const COUNT = 6143;
  const logistic = (v: number) => 1 / (1 + Math.exp(-v));
  const cubic = (v: number) => Math.tanh(inner(v));
  const erf = (v: number) => 0.5 * (1 + cubic(v)) + 0.5 * v * (1 - cubic(v) ** 2) * C * (1 + 3 * 0.044715 * v * v);

  it.each<[string, (a: Array1, b: Array1) => Array1, (a: number, b: number) => number, number]>([
    ['add', kernels.add, (a, b) => a + b, 1e-6],
    ['addRelu', kernels.addRelu, (a, b) => Math.max(a + b, 0), 1e-6],
    ['mul', kernels.mul, (a, b) => a * b, 1e-6],
    ['scale', (a) => kernels.scale(a, 3), (a) => 3 * a, 1e-6],
    ['copy', kernels.copy, (a) => a, 0],
    ['fill', (a) => kernels.fill(a.gpu, COUNT, 7), () => 7, 0],
    ['relu', kernels.relu, (a) => Math.max(a, 0), 0],
    ['reluGrad', kernels.reluGrad, (a, b) => (b > 0 ? a : 0), 0],
    ['leakyRelu', (a) => kernels.leakyRelu(a, 0.1), (a) => (a > 0 ? a : 0.1 * a), 1e-6],
    ['leakyReluGrad', (a, b) => kernels.leakyReluGrad(a, b, 0.1), (a, b) => (b > 0 ? a : 0.1 * a), 1e-6],
    ['sigmoid', kernels.sigmoid, logistic, 4e-6],
    ['sigmoidGrad', kernels.sigmoidGrad, (a, b) => a * b * (1 - b), 4e-6],
    ['silu', kernels.silu, (a) => a * logistic(a), 4e-6],
    ['siluGrad', kernels.siluGrad, (a, b) => a * logistic(b) * (1 + b * (1 - logistic(b))), 4e-6],
    ['unary', (a) => kernels.unary('ABS', a), (a) => Math.abs(a), 0],
    ['unaryGrad', (a, b) => kernels.unaryGrad('ABS', a, b), (a, b) => a * Math.sign(b), 0],
    ['GELU_TANH', (a) => kernels.unary('GELU_TANH', a), (a) => 0.5 * a * (1 + cubic(a)), 4e-6],
    ['GELU_TANH grad', (a, b) => kernels.unaryGrad('GELU_TANH', a, b), (a, b) => a * erf(b), 4e-6],
    [
      'addInPlace',
      (a, b) => {
        kernels.addInPlace(a, b);
        return a;
      },
      (a, b) => a + b,
      1e-6,
    ],
  ])('%s', async (_, kernel, expected, tolerance) => {
    const { gpu } = held;
    const [a, b] = [randomValues(COUNT, 1, -3, 3), randomValues(COUNT, 2, -3, 3)];
    const y = await kernel(gpu.upload(a, 'a'), gpu.upload(b, 'b')).read();
    expect(
      relativeError(
        y,
        Float64Array.from(a, (value, i) => expected(value, b[i])),
      ),
    ).toBeLessThanOrEqual(tolerance);
  });
});
