import { expand } from '../../../kernels/broadcast.ts';
import { cast, type Precision } from '../../../kernels/cast.ts';
import type { Gpu } from '../../../runtime/gpu.ts';
import { fromHalves, LARGEST_HALF, toHalves } from '../../../runtime/half.ts';
import type { TileName } from '../../../runtime/tiles.ts';
import { type F32, FLOAT32, type KernelCase, type KernelFamily } from '../kernel_case.ts';
import { randomValues, withHalfValues } from '../random_values.ts';
import { CONV2D } from './convolutions.ts';
import { ELEMENTWISE } from './elementwise.ts';
import { DROPOUT } from './images.ts';
import { STRIDED } from './layouts.ts';
import { BATCH_NORM } from './normalisations.ts';
import { TRANSPOSE } from './products.ts';
import { BROADCAST } from './reductions.ts';
import { CONV2D_TILES } from './tiles.ts';
import { AVG_POOL, MAX_POOL } from './windows.ts';

/** The device, on which what is uploaded is stored in half precision unless it is called `FLOAT32`. */
function storingHalves(gpu: Gpu): Gpu {
  const upload = (data: Float32Array | Uint32Array, operation: string) => {
    if (data instanceof Uint32Array || operation === FLOAT32) return gpu.upload(data, operation);
    const array = gpu.alloc(data.length, 'f32', operation, 'f16');
    gpu.write(array, data);
    return array;
  };
  return new Proxy(gpu, {
    get(target, name) {
      if (name === 'upload') return upload;
      const value = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/**
 * A family's cases in half precision: inputs are half-precision numbers, so that what is expected of them is still exact, and stored as such. taken:
 * which cases, by their names, and which of their results.
 */
function inHalfPrecision(
  family: KernelFamily,
  taken: (name: string) => boolean = () => true,
  output: (name: string) => boolean = () => true,
): KernelFamily {
  const cases = family.cases
    .filter(({ name }) => taken(name))
    .map((one): KernelCase => {
      const prepare = () => {
        const make = withHalfValues(() => one.prepare());
        return (gpu: Gpu) => make(storingHalves(gpu)).filter(({ name }) => output(name));
      };
      return { ...one, quick: false, name: `${one.name}, in half precision`, prepare };
    });
  return { ...family, halves: true, cases };
}

/** The usual tile and the largest: in half precision only what they load and store differs. */
const TILES_TAKEN: readonly TileName[] = ['64x64x16/4x4', '128x128x16/8x8'];

/** The kernels that take half-precision arrays, at the sizes of their float32 cases. */
export const IN_HALF_PRECISION: readonly KernelFamily[] = [
  inHalfPrecision(CONV2D),
  inHalfPrecision(CONV2D_TILES, (name) => TILES_TAKEN.some((tile) => name.startsWith(`${tile}:`))),
  inHalfPrecision(ELEMENTWISE, (name) => /^(add|addRelu|copy|relu|reluGrad|addInPlace) of/.test(name)),
  inHalfPrecision(BATCH_NORM),
  inHalfPrecision(MAX_POOL),
  inHalfPrecision(AVG_POOL),
  inHalfPrecision(STRIDED, (name) => / from .* by /.test(name)),
  inHalfPrecision(DROPOUT, (name) => !/row|depth/i.test(name)),
  inHalfPrecision(
    BROADCAST,
    (name) => name.startsWith('sum of'),
    (name) => name === 'y',
  ),
  inHalfPrecision(TRANSPOSE),
];

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

/** Numbers where a conversion goes wrong: ties, which go to the even neighbour, the ends of the range, and subnormal numbers, whose place is 2⁻²⁴. */
const EDGES = [
  ...[0, -0, 1, -1, 1 + 2 ** -11, 1 + 3 * 2 ** -11, 1 + 2 ** -11 + 2 ** -20, 1 / 3, -Math.PI],
  ...[LARGEST_HALF, 65519, -65519, infinity, -infinity, nan],
  ...[2 ** -14, 2 ** -15, 3 * 2 ** -24, -5 * 2 ** -24],
];
/** From 65520 on, half the place of the last finite number beyond it. */
const BEYOND = [65520, 70000, -1e9, 3e38];

/** Conversion there: the bits that rounding to the nearest gives. back: and back. */
const castCase = (name: string, values: Float32Array): KernelCase => ({
  name,
  quick: true,
  prepare() {
    const rounded = fromHalves(toHalves(values));
    return (gpu) => {
      const there = () => cast(gpu.upload(values, 'x'), 'f16');
      return [
        { name: 'half', run: there, values: rounded, roundings: 'none' },
        { name: 'float', run: () => cast(there(), 'f32'), values: rounded, roundings: 'none' },
      ];
    };
  },
});

/** y[o, r, i] = factor · x[o, i], into half precision: the gradient of a global average. */
const expandCase = (outer: number, repeat: number, inner: number): KernelCase => ({
  name: `a mean's gradient in half precision, ${outer} × ${repeat} × ${inner}`,
  quick: inner === 7,
  prepare() {
    const x = randomValues(outer * inner, 3);
    const values = Float64Array.from(
      { length: outer * repeat * inner },
      (_, i) => 0.25 * x[Math.floor(i / (repeat * inner)) * inner + (i % inner)],
    );
    const run = (gpu: Gpu, storage: Precision): F32 =>
      expand(gpu.upload(x, 'x'), { outer, repeat, inner }, 0.25, storage);
    return (gpu) => [{ name: 'y', run: () => run(gpu, 'f16'), values, roundings: 1 }];
  },
});

/** Conversions between half precision and float32. */
export const CAST: KernelFamily = {
  kernels: 'cast',
  halves: true,
  cases: [
    castCase('ends, ties and subnormal numbers', Float32Array.from(EDGES)),
    castCase('numbers beyond half precision become infinities', Float32Array.from(BEYOND)),
    ...[1, 2, 7, 4099].map((count) => castCase(`${count} numbers`, randomValues(count, 1, -40, 40))),
    ...[1, 7, 8].map((inner) => expandCase(3, 21, inner)),
  ],
};
