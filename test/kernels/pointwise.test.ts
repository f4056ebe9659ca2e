import { describe, expect, it } from 'vitest';
import { denseStrides } from '../../src/kernels/dimensions.ts';
import { type BinaryOp, binary, type TernaryOp, ternary } from '../../src/kernels/pointwise.ts';
import { randomValues, relativeError, useGpu } from '../gpu.ts';

const held = useGpu();

/** Sizes of a result, and of each array 1 where it repeats. */
const LAYOUTS: readonly { sizes: number[]; shapes: number[][] }[] = [
  { sizes: [1], shapes: [[1], [1], [1]] },
  { sizes: [300], shapes: [[300], [300], [300]] },
  {
    sizes: [3, 5],
    shapes: [
      [3, 5],
      [3, 1],
      [1, 5],
    ],
  },
  {
    sizes: [2, 3, 5],
    shapes: [
      [2, 1, 5],
      [1, 3, 1],
      [1, 1, 1],
    ],
  },
  {
    sizes: [3, 2, 5, 3],
    shapes: [
      [3, 1, 5, 1],
      [1, 2, 1, 3],
      [3, 2, 5, 3],
    ],
  },
  {
    sizes: [2, 3, 2, 3, 2, 3],
    shapes: [
      [2, 1, 2, 1, 2, 1],
      [1, 3, 1, 3, 1, 3],
      [1, 3, 2, 1, 1, 3],
    ],
  },
];

/** Strides of a shape, 0 where it is 1, and where in its array the element of an index lies. */
function layOut(shape: readonly number[], sizes: readonly number[]) {
  const strides = denseStrides(shape).map((stride, d) => (shape[d] === 1 ? 0 : stride));
  const inner = denseStrides(sizes);
  const at = (i: number) =>
    strides.reduce((place, stride, d) => place + stride * (Math.floor(i / inner[d]) % sizes[d]), 0);
  return { strides, at };
}

const product = (sizes: readonly number[]) => sizes.reduce((total, size) => total * size, 1);

async function run(
  f: (...numbers: number[]) => number,
  kernel: (sizes: number[], operands: { array: ReturnType<typeof held.gpu.upload>; strides: number[] }[]) => unknown,
  arity: number,
  [low, high]: readonly [number, number],
  rounded = false,
): Promise<void> {
  for (const { sizes, shapes } of LAYOUTS) {
    const operands = shapes.slice(0, arity).map((shape, k) => {
      // Halves give ties.
      const values = randomValues(product(shape), k + 1, low, high).map((v) => (rounded ? Math.round(2 * v) / 2 : v));
      return { values, ...layOut(shape, sizes) };
    });
    const y = kernel(
      sizes,
      operands.map(({ values, strides }) => ({ array: held.gpu.upload(values, 'operand'), strides })),
    ) as { read(): Promise<Float32Array> };
    const expected = Array.from({ length: product(sizes) }, (_, i) =>
      f(...operands.map(({ values, at }) => values[at(i)])),
    );
    // One rounding or two; a power by 2^(p · log₂ v) of an exponent up to 8 errs by 1e-6.
    expect(relativeError(await y.read(), expected)).toBeLessThan(4e-6);
  }
}

const BINARY: readonly [BinaryOp, (p: number, q: number) => number, (readonly [number, number])?, boolean?][] = [
  ['ADD', (p, q) => p + q],
  ['SUB', (p, q) => p - q],
  ['MUL', (p, q) => p * q],
  ['DIV', (p, q) => p / q, [0.5, 2]],
  ['MAXIMUM', Math.max],
  ['MINIMUM', Math.min],
  ['POWER', (p, q) => p ** q, [0.25, 4]],
  ['GREATER', (p, q) => Number(p > q), [-1, 1], true],
  ['GREATER_EQUAL', (p, q) => Number(p >= q), [-1, 1], true],
  ['LESS', (p, q) => Number(p < q), [-1, 1], true],
  ['LESS_EQUAL', (p, q) => Number(p <= q), [-1, 1], true],
  ['EQUAL', (p, q) => Number(p === q), [-1, 1], true],
  ['NOT_EQUAL', (p, q) => Number(p !== q), [-1, 1], true],
  ['WHERE_NONZERO', (p, q) => (p !== 0 ? q : 0), [-1, 1], true],
  ['WHERE_ZERO', (p, q) => (p === 0 ? q : 0), [-1, 1], true],
];

it.each(BINARY)('%s of two arrays that repeat over each other', async (op, f, range = [-2, 2], rounded = false) => {
  await run(f, (sizes, [a, b]) => binary(op, 'test', sizes, a as never, b as never), 2, range, rounded);
});

const TERNARY: readonly [
  TernaryOp,
  (p: number, q: number, r: number) => number,
  (readonly [number, number])?,
  boolean?,
][] = [
  ['WHERE', (p, q, r) => (p !== 0 ? q : r), [-1, 1], true],
  ['DIVISOR_GRAD', (p, q, r) => (-p * q) / r ** 2, [0.5, 2]],
  ['LARGER_GRAD', (p, q, r) => (q > r ? p : q === r ? p / 2 : 0), [-1, 1], true],
  ['BASE_GRAD', (p, q, r) => p * r * q ** (r - 1), [0.25, 3]],
  ['EXPONENT_GRAD', (p, q, r) => p * q ** r * Math.log(q), [0.25, 3]],
];

it.each(TERNARY)('%s of three arrays that repeat over each other', async (op, f, range = [-2, 2], rounded = false) => {
  await run(f, (sizes, [a, b, c]) => ternary(op, 'test', sizes, a as never, b as never, c as never), 3, range, rounded);
});

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

describe('at the ends of what numbers can be', () => {
  const ends: readonly [BinaryOp, number[], number[], number[]][] = [
    ['MAXIMUM', [nan, 1, infinity, -infinity, 2], [1, nan, 2, 2, 2], [nan, nan, infinity, 2, 2]],
    ['MINIMUM', [nan, 1, infinity, -infinity, 2], [1, nan, 2, 2, 2], [nan, nan, 2, -infinity, 2]],
    ['DIV', [1, -1, 0, nan, 1], [0, 0, 0, 1, infinity], [infinity, -infinity, nan, nan, 0]],
    ['POWER', [nan, 1, 2, 0, 0, -2, -2, -1], [0, 2.5, nan, 0, -1.5, 3, 0.5, 21], [1, 1, nan, 1, infinity, -8, nan, -1]],
    ['EQUAL', [nan, infinity, 0], [nan, infinity, -0], [0, 1, 1]],
    ['NOT_EQUAL', [nan, infinity, 0], [nan, infinity, -0], [1, 0, 0]],
    ['GREATER_EQUAL', [nan, 1, infinity], [1, nan, infinity], [0, 0, 1]],
    ['WHERE_NONZERO', [nan, 0, 1], [1, nan, nan], [1, 0, nan]],
  ];
  it.each(ends)('%s of %j and %j', async (op, p, q, expected) => {
    const { gpu } = held;
    const operand = (values: number[]) => ({ array: gpu.upload(Float32Array.from(values), 'operand'), strides: [1] });
    const y = await binary(op, 'test', [p.length], operand(p), operand(q)).read();
    expect(Array.from(y, (v) => v + 0)).toEqual(expected);
  });

  it('the gradients of a power where its base is 0', async () => {
    const { gpu } = held;
    const operand = (values: number[]) => ({ array: gpu.upload(Float32Array.from(values), 'operand'), strides: [1] });
    const grad = (op: TernaryOp, base: number[], exponent: number[]) =>
      ternary(op, 'test', [base.length], operand(base.map(() => 1)), operand(base), operand(exponent)).read();
    expect([...(await grad('BASE_GRAD', [0, 0, 0, 3], [0, 1, 2, 0]))]).toEqual([0, 1, 0, 0]);
    expect([...(await grad('EXPONENT_GRAD', [0, 0, 1, -1], [0, 2, 5, 2]))]).toEqual([0, 0, 0, nan]);
  });
});

it('runs over more workgroups than a dimension holds', async () => {
  const { gpu } = held;
  const count = 65_536 * 256 + 5;
  const one = { array: gpu.upload(Float32Array.of(3), 'one'), strides: [0] };
  const y = gpu.scope(() => binary('ADD', 'test', [count], one, one));
  const values = await y.read();
  expect(values.length).toBe(count);
  expect(values.every((v) => v === 6)).toBe(true);
});
