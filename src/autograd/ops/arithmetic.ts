import type { Extent } from '../../kernels/broadcast.ts';
import * as broadcasts from '../../kernels/broadcast.ts';
import * as kernels from '../../kernels/elementwise.ts';
import { binary, type StridedArray, ternary } from '../../kernels/pointwise.ts';
import { ShapeError } from '../../runtime/errors.ts';
import type { DeviceArray } from '../../runtime/gpu.ts';
import { broadcastShape, type Operand, placed, sumTo, tensorsOf } from '../broadcast.ts';
import { record } from '../record.ts';
import { type Shape, sizeOf, type Tensor } from '../tensor.ts';
import { scale, sqrt } from './elementwise.ts';

/** How `small` repeats inside `large`, if it lacks one run of neighbouring dimensions at most: what the faster kernels take. */
function extentOf(large: Shape, small: Shape): Extent | undefined {
  const aligned = [...Array(Math.max(0, large.length - small.length)).fill(1), ...small] as number[];
  let first = large.length;
  let end = 0;
  large.forEach((size, d) => {
    if (aligned[d] === size) return;
    first = Math.min(first, d);
    end = d + 1;
  });
  const fits = aligned.length === large.length && aligned.slice(first, end).every((size) => size === 1);
  if (!fits) return undefined;
  if (first >= end) return { outer: 1, repeat: 1, inner: sizeOf(large) };
  return {
    outer: sizeOf(large.slice(0, first)),
    repeat: sizeOf(large.slice(first, end)),
    inner: sizeOf(large.slice(end)),
  };
}

/**
 * How `small` repeats inside `large`: its dimensions, aligned at the last one, equal the large one's but for one run of neighbouring
 * dimensions, where it has 1 (or nothing, at the front). So a number, [C] on [N, H, W, C], [N, 1, 1, C] and [N, 1, 1, 1] all fit.
 * Throws ShapeError naming the operation and both shapes.
 */
export function broadcastExtent(operation: string, large: Shape, small: Shape): Extent {
  const extent = extentOf(large, small);
  if (extent) return extent;
  throw new ShapeError(
    `${operation}: shape [${small}] does not repeat over [${large}]: it must equal it but for one run of neighbouring dimensions of size 1.`,
  );
}

/** Two operands, of which the small one repeats over the large one in the way of the faster kernels; undefined where neither does. */
function fastOrder(a: Tensor, b: Tensor): { large: Tensor; small: Tensor; extent: Extent } | undefined {
  const extent = extentOf(a.shape, b.shape);
  if (extent) return { large: a, small: b, extent };
  const turned = extentOf(b.shape, a.shape);
  return turned && { large: b, small: a, extent: turned };
}

/**
 * y = a + b, tensors or numbers. Shapes meet as in NumPy: aligned at the last dimension, sizes are equal, or 1 and repeated.
 * da = dy; db = dy; each summed over what was repeated. Throws ShapeError where the shapes do not meet.
 */
export function add(a: Operand, b: Operand): Tensor {
  const [x, z] = tensorsOf('add', [a, b] as const);
  const order = fastOrder(x, z);
  if (order === undefined) {
    const shape = broadcastShape('add', x.shape, z.shape);
    return record('add', {
      inputs: [x, z],
      output: binary('ADD', 'add', shape, placed(x, shape), placed(z, shape)),
      shape,
      backward: (dy, needs) => [x, z].map((t, i) => (needs[i] ? sumTo(dy, shape, t.shape) : undefined)),
    });
  }
  const { large, small, extent } = order;
  const same = extent.repeat === 1;
  return record('add', {
    inputs: [large, small],
    output: same
      ? kernels.add(large.buffer, small.buffer)
      : broadcasts.addBroadcast(large.buffer, small.buffer, extent),
    shape: large.shape,
    backward: (dy, [, needsSmall]) => [dy, same || !needsSmall ? dy : broadcasts.reduceSum(dy, extent)],
  });
}

/**
 * y = a − b, tensors or numbers; shapes meet as in `add`. da = dy; db = −dy; each summed over what was repeated.
 * Throws ShapeError where the shapes do not meet.
 */
export function sub(a: Operand, b: Operand): Tensor {
  const [x, z] = tensorsOf('sub', [a, b] as const);
  const shape = broadcastShape('sub', x.shape, z.shape);
  return record('sub', {
    inputs: [x, z],
    output: binary('SUB', 'sub', shape, placed(x, shape), placed(z, shape)),
    shape,
    backward: (dy, [needsA, needsB]) => [
      needsA ? sumTo(dy, shape, x.shape) : undefined,
      needsB ? kernels.scale(sumTo(dy, shape, z.shape), -1) : undefined,
    ],
  });
}

/**
 * y = a · b, element by element, tensors or numbers; shapes meet as in `add`. da = dy · b; db = dy · a; each summed over what was repeated.
 * Throws ShapeError where the shapes do not meet.
 */
export function mul(a: Operand, b: Operand): Tensor {
  if (typeof a === 'number' && typeof b !== 'number') return scale(b, a);
  if (typeof b === 'number' && typeof a !== 'number') return scale(a, b);
  const [p, q] = tensorsOf('mul', [a, b] as const);
  const order = fastOrder(p, q);
  if (order === undefined) return mulRepeated(p, q);
  const { large, small, extent } = order;
  const same = extent.repeat === 1;
  const [x, w] = [large.buffer, small.buffer];
  const product = (s: typeof x, t: typeof x) => (same ? kernels.mul(s, t) : broadcasts.mulBroadcast(s, t, extent));
  return record('mul', {
    inputs: [large, small],
    output: product(x, w),
    shape: large.shape,
    saved: [...(small.requiresGrad ? [x] : []), ...(large.requiresGrad ? [w] : [])],
    backward: (dy, [needsLarge, needsSmall]) => {
      const toSmall = () => (same ? kernels.mul(dy, x) : broadcasts.sumProducts(dy, x, extent));
      return [needsLarge ? product(dy, w) : undefined, needsSmall ? toSmall() : undefined];
    },
  });
}

/** `mul` where both operands repeat, or one does over dimensions that are no neighbours. */
function mulRepeated(a: Tensor, b: Tensor): Tensor {
  const shape = broadcastShape('mul', a.shape, b.shape);
  const [x, w] = [placed(a, shape), placed(b, shape)];
  const product = (dy: DeviceArray<'f32'>, other: StridedArray, own: Shape) =>
    sumTo(binary('MUL', 'mul', shape, placed({ buffer: dy, shape }, shape), other), shape, own);
  return record('mul', {
    inputs: [a, b],
    output: binary('MUL', 'mul', shape, x, w),
    shape,
    saved: [...(b.requiresGrad ? [x.array] : []), ...(a.requiresGrad ? [w.array] : [])],
    backward: (dy, [needsA, needsB]) => [
      needsA ? product(dy, w, a.shape) : undefined,
      needsB ? product(dy, x, b.shape) : undefined,
    ],
  });
}

/**
 * y = a / b, element by element, tensors or numbers; shapes meet as in `add`. da = dy / b; db = −dy · a / b²; each summed over what was
 * repeated. Throws ShapeError where the shapes do not meet.
 */
export function div(a: Operand, b: Operand): Tensor {
  const [x, z] = tensorsOf('div', [a, b] as const);
  const shape = broadcastShape('div', x.shape, z.shape);
  const [p, q] = [placed(x, shape), placed(z, shape)];
  return record('div', {
    inputs: [x, z],
    output: binary('DIV', 'div', shape, p, q),
    shape,
    saved: [q.array, ...(z.requiresGrad ? [p.array] : [])],
    backward: (dy, [needsA, needsB]) => {
      const incoming = placed({ buffer: dy, shape }, shape);
      return [
        needsA ? sumTo(binary('DIV', 'div', shape, incoming, q), shape, x.shape) : undefined,
        needsB ? sumTo(ternary('DIVISOR_GRAD', 'div', shape, incoming, p, q), shape, z.shape) : undefined,
      ];
    },
  });
}

/**
 * y = base^exponent, element by element, tensors or numbers; shapes meet as in `add`. NaN where a negative base meets an exponent that is no
 * integer. dbase = dy · exponent · base^(exponent − 1), 0 where the exponent is 0; dexponent = dy · y · ln base, 0 where the base is 0 and the
 * exponent at least 0; each summed over what was repeated. As PyTorch's. Throws ShapeError where the shapes do not meet.
 */
export function pow(base: Operand, exponent: Operand): Tensor {
  if (typeof exponent === 'number' && typeof base !== 'number') return powOfNumber(base, exponent);
  const [x, z] = tensorsOf('pow', [base, exponent] as const);
  const shape = broadcastShape('pow', x.shape, z.shape);
  const [p, q] = [placed(x, shape), placed(z, shape)];
  return record('pow', {
    inputs: [x, z],
    output: binary('POWER', 'pow', shape, p, q),
    shape,
    saved: [p.array, q.array],
    backward: (dy, [needsBase, needsExponent]) => {
      const incoming = placed({ buffer: dy, shape }, shape);
      return [
        needsBase ? sumTo(ternary('BASE_GRAD', 'pow', shape, incoming, p, q), shape, x.shape) : undefined,
        needsExponent ? sumTo(ternary('EXPONENT_GRAD', 'pow', shape, incoming, p, q), shape, z.shape) : undefined,
      ];
    },
  });
}

/** `pow` with one exponent for all elements. A half is the square root, as in PyTorch, which differs at −∞ and errs less elsewhere. */
function powOfNumber(x: Tensor, exponent: number): Tensor {
  if (exponent === 0.5) return sqrt(x);
  return record('pow', {
    inputs: [x],
    output: kernels.unary('POWER', x.buffer, [exponent]),
    shape: x.shape,
    saved: [x.buffer],
    backward: (dy) => [kernels.unaryGrad('POWER', dy, x.buffer, [exponent])],
  });
}

/**
 * y = max(a + b, 0), in one pass: where a residual block joins its shortcut. Shapes alike and kept. da = db = dy where y > 0, else 0.
 * Throws ShapeError where the shapes differ.
 */
export function addRelu(a: Tensor, b: Tensor): Tensor {
  if (`${a.shape}` !== `${b.shape}`) {
    throw new ShapeError(`addRelu: both inputs must have one shape; they are [${a.shape}] and [${b.shape}].`);
  }
  const y = kernels.addRelu(a.buffer, b.buffer);
  return record('addRelu', {
    inputs: [a, b],
    output: y,
    shape: a.shape,
    saved: [y],
    backward: (dy) => {
      const gradient = kernels.reluGrad(dy, y);
      return [gradient, gradient];
    },
  });
}
