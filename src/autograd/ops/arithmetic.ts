import type { Extent } from '../../kernels/broadcast.ts';
import * as broadcasts from '../../kernels/broadcast.ts';
import * as kernels from '../../kernels/elementwise.ts';
import { ShapeError } from '../../runtime/errors.ts';
import { record } from '../record.ts';
import { type Shape, sizeOf, type Tensor } from '../tensor.ts';

/**
 * How `small` repeats inside `large`: its dimensions, aligned at the last one, equal the large one's but for one run of neighbouring
 * dimensions, where it has 1 (or nothing, at the front). So a number, [C] on [N, H, W, C], [N, 1, 1, C] and [N, 1, 1, 1] all fit.
 * Throws ShapeError naming the operation and both shapes.
 */
export function broadcastExtent(operation: string, large: Shape, small: Shape): Extent {
  const aligned = [...Array(Math.max(0, large.length - small.length)).fill(1), ...small] as number[];
  let first = large.length;
  let end = 0;
  large.forEach((size, d) => {
    if (aligned[d] === size) return;
    first = Math.min(first, d);
    end = d + 1;
  });
  const fits = aligned.length === large.length && aligned.slice(first, end).every((size) => size === 1);
  if (!fits) {
    throw new ShapeError(
      `${operation}: shape [${small}] does not repeat over [${large}]: it must equal it but for one run of neighbouring dimensions of size 1.`,
    );
  }
  if (first >= end) return { outer: 1, repeat: 1, inner: sizeOf(large) };
  return {
    outer: sizeOf(large.slice(0, first)),
    repeat: sizeOf(large.slice(first, end)),
    inner: sizeOf(large.slice(end)),
  };
}

/**
 * y = a + b. b has a's shape or repeats over it (see `broadcastExtent`). Shape of a. da = dy; db = dy summed over what b was repeated over.
 */
export function add(a: Tensor, b: Tensor): Tensor {
  const extent = broadcastExtent('add', a.shape, b.shape);
  const same = extent.repeat === 1;
  return record('add', {
    inputs: [a, b],
    output: same ? kernels.add(a.buffer, b.buffer) : broadcasts.addBroadcast(a.buffer, b.buffer, extent),
    shape: a.shape,
    backward: (dy, [, needsB]) => [dy, same || !needsB ? dy : broadcasts.reduceSum(dy, extent)],
  });
}

/**
 * y = a · b, element by element. b has a's shape or repeats over it (see `broadcastExtent`). Shape of a.
 * da = dy · b; db = dy · a, summed over what b was repeated over.
 */
export function mul(a: Tensor, b: Tensor): Tensor {
  const extent = broadcastExtent('mul', a.shape, b.shape);
  const same = extent.repeat === 1;
  const [x, w] = [a.buffer, b.buffer];
  const product = (p: typeof x, q: typeof x) => (same ? kernels.mul(p, q) : broadcasts.mulBroadcast(p, q, extent));
  return record('mul', {
    inputs: [a, b],
    output: product(x, w),
    shape: a.shape,
    saved: [...(b.requiresGrad ? [x] : []), ...(a.requiresGrad ? [w] : [])],
    backward: (dy, [needsA, needsB]) => {
      const toB = () => (same ? kernels.mul(dy, x) : broadcasts.sumProducts(dy, x, extent));
      return [needsA ? product(dy, w) : undefined, needsB ? toB() : undefined];
    },
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
