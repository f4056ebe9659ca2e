import { denseStrides } from '../../../kernels/dimensions.ts';
import { type BinaryOp, binary, type TernaryOp, ternary } from '../../../kernels/pointwise.ts';
import { exact, type KernelCase, type KernelFamily, product } from '../kernel_case.ts';
import { randomValues } from '../random_values.ts';

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

interface Pointwise {
  op: string;
  arity: 2 | 3;
  f: (...numbers: number[]) => number;
  range: readonly [number, number];
  /** Halves, which give ties. */
  halves: boolean;
}

const two = (
  op: BinaryOp,
  f: (p: number, q: number) => number,
  range: readonly [number, number] = [-2, 2],
  halves = false,
): Pointwise => ({ op, arity: 2, f: f as Pointwise['f'], range, halves });
const compared = (op: BinaryOp, f: (p: number, q: number) => number) => two(op, f, [-1, 1], true);

const three = (
  op: TernaryOp,
  f: (p: number, q: number, r: number) => number,
  range: readonly [number, number] = [-1, 1],
  halves = false,
): Pointwise => ({ op, arity: 3, f: f as Pointwise['f'], range, halves });

const FUNCTIONS: readonly Pointwise[] = [
  two('ADD', (p, q) => p + q),
  two('SUB', (p, q) => p - q),
  two('MUL', (p, q) => p * q),
  two('DIV', (p, q) => p / q, [0.5, 2]),
  two('MAXIMUM', Math.max),
  two('MINIMUM', Math.min),
  two('POWER', (p, q) => p ** q, [0.25, 4]),
  compared('GREATER', (p, q) => Number(p > q)),
  compared('GREATER_EQUAL', (p, q) => Number(p >= q)),
  compared('LESS', (p, q) => Number(p < q)),
  compared('LESS_EQUAL', (p, q) => Number(p <= q)),
  compared('EQUAL', (p, q) => Number(p === q)),
  compared('NOT_EQUAL', (p, q) => Number(p !== q)),
  compared('WHERE_NONZERO', (p, q) => (p !== 0 ? q : 0)),
  compared('WHERE_ZERO', (p, q) => (p === 0 ? q : 0)),
  three('WHERE', (p, q, r) => (p !== 0 ? q : r), [-1, 1], true),
  three('DIVISOR_GRAD', (p, q, r) => (-p * q) / r ** 2, [0.5, 2]),
  three('LARGER_GRAD', (p, q, r) => (q > r ? p : q === r ? p / 2 : 0), [-1, 1], true),
  three('BASE_GRAD', (p, q, r) => p * r * q ** (r - 1), [0.25, 3]),
  three('EXPONENT_GRAD', (p, q, r) => p * q ** r * Math.log(q), [0.25, 3]),
];

/** Functions that a quick look takes: each is a pipeline to compile. */
const QUICK = ['ADD', 'DIV', 'POWER', 'WHERE', 'LARGER_GRAD'];

/** All layouts of a function. */
const functionCase = ({ op, arity, f, range, halves }: Pointwise): KernelCase => ({
  name: `${op} of arrays that repeat over each other`,
  quick: QUICK.includes(op),
  prepare() {
    const layouts = LAYOUTS.map(({ sizes, shapes }) => {
      const operands = shapes.slice(0, arity).map((shape, k) => {
        const values = randomValues(product(shape), k + 1, ...range).map((v) => (halves ? Math.round(2 * v) / 2 : v));
        return { values, ...layOut(shape, sizes) };
      });
      const values = Array.from({ length: product(sizes) }, (_, i) => f(...operands.map((o) => o.values[o.at(i)])));
      return { sizes, operands, values };
    });
    return (gpu) =>
      layouts.map(({ sizes, operands, values }) => ({
        name: `[${sizes}]`,
        run() {
          const [a, b, c] = operands.map((o) => ({ array: gpu.upload(o.values, 'operand'), strides: o.strides }));
          return arity === 2
            ? binary(op as BinaryOp, 'check', sizes, a, b)
            : ternary(op as TernaryOp, 'check', sizes, a, b, c);
        },
        values,
        // A power by 2^(p · log₂ v) of an exponent up to 8 errs by 1e-6.
        roundings: 60,
      }));
  },
});

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

const ENDS: readonly [BinaryOp | TernaryOp, readonly number[][], readonly number[]][] = [
  [
    'MAXIMUM',
    [
      [nan, 1, infinity, -infinity, 2],
      [1, nan, 2, 2, 2],
    ],
    [nan, nan, infinity, 2, 2],
  ],
  [
    'MINIMUM',
    [
      [nan, 1, infinity, -infinity, 2],
      [1, nan, 2, 2, 2],
    ],
    [nan, nan, 2, -infinity, 2],
  ],
  [
    'DIV',
    [
      [1, -1, 0, nan, 1],
      [0, 0, 0, 1, infinity],
    ],
    [infinity, -infinity, nan, nan, 0],
  ],
  [
    'POWER',
    [
      [nan, 1, 2, 0, 0, -2, -2, -1],
      [0, 2.5, nan, 0, -1.5, 3, 0.5, 21],
    ],
    [1, 1, nan, 1, infinity, -8, nan, -1],
  ],
  [
    'EQUAL',
    [
      [nan, infinity, 0],
      [nan, infinity, -0],
    ],
    [0, 1, 1],
  ],
  [
    'NOT_EQUAL',
    [
      [nan, infinity, 0],
      [nan, infinity, -0],
    ],
    [1, 0, 0],
  ],
  [
    'GREATER_EQUAL',
    [
      [nan, 1, infinity],
      [1, nan, infinity],
    ],
    [0, 0, 1],
  ],
  [
    'WHERE_NONZERO',
    [
      [nan, 0, 1],
      [1, nan, nan],
    ],
    [1, 0, nan],
  ],
  [
    'BASE_GRAD',
    [
      [1, 1, 1, 1],
      [0, 0, 0, 3],
      [0, 1, 2, 0],
    ],
    [0, 1, 0, 0],
  ],
  [
    'EXPONENT_GRAD',
    [
      [1, 1, 1, 1],
      [0, 0, 1, -1],
      [0, 2, 5, 2],
    ],
    [0, 0, 0, nan],
  ],
];

const endCase = ([op, operands, y]: (typeof ENDS)[number]): KernelCase => ({
  name: `${op} of ${operands.map((values) => `[${values.join(', ')}]`).join(' and ')}`,
  prepare: () => (gpu) => [
    {
      name: 'y',
      run() {
        const [a, b, c] = operands.map((values) => ({
          array: gpu.upload(Float32Array.from(values), 'operand'),
          strides: [1],
        }));
        if (operands.length === 2) return binary(op as BinaryOp, 'check', [y.length], a, b);
        return ternary(op as TernaryOp, 'check', [y.length], a, b, c);
      },
      ...exact(y),
    },
  ],
});

export const POINTWISE: KernelFamily = {
  kernels: 'pointwise',
  cases: [...FUNCTIONS.map(functionCase), ...ENDS.map(endCase)],
};
