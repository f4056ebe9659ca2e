import { maxAxes, reduceMax, reduceMaxGrad } from '../../kernels/attention_pools.ts';
import * as kernels from '../../kernels/broadcast.ts';
import { copy } from '../../kernels/elementwise.ts';
import { binary } from '../../kernels/pointwise.ts';
import { ShapeError } from '../../runtime/errors.ts';
import type { DeviceArray } from '../../runtime/gpu.ts';
import { axesOf } from '../axes.ts';
import { placed } from '../broadcast.ts';
import { record } from '../record.ts';
import { type Shape, sizeOf, Tensor } from '../tensor.ts';

/** Settings of a reduction over dimensions. */
export interface ReduceOptions {
  /** Keep the dimensions that were reduced, with size 1. Default false: they are gone. */
  keepdim?: boolean;
}

/** A shape without the dimensions that were reduced, or with 1 in their places. */
function reducedShape(shape: Shape, reduced: readonly boolean[], keepdim: boolean): number[] {
  return keepdim ? shape.map((size, d) => (reduced[d] ? 1 : size)) : shape.filter((_, d) => !reduced[d]);
}

/** A result that is no array of its own, as there was nothing to reduce, in memory of its own: what is written to x later does not change it. */
function apart(result: DeviceArray<'f32'>, x: Tensor): DeviceArray<'f32'> {
  return result === x.buffer ? copy(result) : result;
}

/** Sum over dimensions, or their mean. dx = dy, divided by the number of elements of a mean, repeated. */
function reduceTo(
  name: 'sum' | 'mean',
  x: Tensor,
  axes: number | readonly number[] | undefined,
  { keepdim = false }: ReduceOptions,
): Tensor {
  const reduced = axesOf(name, x.shape, axes);
  const count = sizeOf(x.shape.filter((_, d) => reduced[d]));
  const factor = name === 'mean' ? 1 / count : 1;
  return record(name, {
    inputs: [x],
    output: apart(kernels.sumAxes(x.buffer, x.shape, reduced, factor), x),
    shape: reducedShape(x.shape, reduced, keepdim),
    backward: (dy) => [kernels.expandAxes(dy, x.shape, reduced, factor)],
  });
}

/**
 * y = Σ x over the dimensions that the axes name (one, or several; negative ones count from the end), by default over all, which gives a scalar,
 * []. Of no elements 0. dx = dy, repeated. Throws ShapeError for a dimension that is not there.
 */
export function sum(x: Tensor, axes?: number | readonly number[], options: ReduceOptions = {}): Tensor {
  return reduceTo('sum', x, axes, options);
}

/**
 * y = Σ x / count over the dimensions that the axes name (one, or several; negative ones count from the end), by default over all, which gives a
 * scalar, []. Of no elements NaN. dx = dy / count, repeated. Throws ShapeError for a dimension that is not there.
 */
export function mean(x: Tensor, axes?: number | readonly number[], options: ReduceOptions = {}): Tensor {
  return reduceTo('mean', x, axes, options);
}

/** A dimension as the middle one of three. Throws ShapeError where there is nothing to choose from. */
function choiceExtent(operation: string, shape: Shape, d: number): kernels.Extent {
  if (shape[d] === 0) {
    throw new ShapeError(`${operation}: dimension ${d} of the shape [${shape}] has no elements to choose from.`);
  }
  return { outer: sizeOf(shape.slice(0, d)), repeat: shape[d], inner: sizeOf(shape.slice(d + 1)) };
}

/**
 * Largest value along a dimension (a number; negative ones count from the end), or over several or, by default, all. NaN where there is one.
 *
 * Along one dimension, dy goes to where the value was found, of equal ones the first, as in PyTorch's max(dim); `argmax` says where that is. Over a
 * list of dimensions or all, it is shared evenly among equal ones, as in PyTorch's amax.
 * Throws ShapeError for a dimension that is not there or has no elements.
 */
export function max(x: Tensor, axes?: number | readonly number[], { keepdim = false }: ReduceOptions = {}): Tensor {
  const reduced = axesOf('max', x.shape, typeof axes === 'number' ? [axes] : axes);
  const shape = reducedShape(x.shape, reduced, keepdim);
  if (typeof axes !== 'number') return maxOverAll(x, reduced, shape);
  const extent = choiceExtent('max', x.shape, reduced.indexOf(true));
  const { y, winner } = reduceMax(x.buffer, extent, 'first');
  return record('max', {
    inputs: [x],
    output: y,
    shape,
    saved: [winner],
    backward: (dy) => [reduceMaxGrad(dy, winner, extent)],
  });
}

/** The largest value over several dimensions. */
function maxOverAll(x: Tensor, reduced: readonly boolean[], shape: Shape): Tensor {
  reduced.forEach((isReduced, d) => {
    if (isReduced) choiceExtent('max', x.shape, d);
  });
  const y = apart(maxAxes(x.buffer, x.shape, reduced), x);
  const kept = reducedShape(x.shape, reduced, true);
  const small = { buffer: y, shape: kept };
  return record('max', {
    inputs: [x],
    output: y,
    shape,
    saved: [x.buffer, y],
    backward: (dy) => {
      const mask = binary('EQUAL', 'max', x.shape, placed(x, x.shape), placed(small, x.shape));
      const winners = kernels.sumAxes(mask, x.shape, reduced);
      const share = binary(
        'DIV',
        'max',
        kept,
        placed({ ...small, buffer: dy }, kept),
        placed({ ...small, buffer: winners }, kept),
      );
      return [
        binary(
          'MUL',
          'max',
          x.shape,
          placed({ buffer: mask, shape: x.shape }, x.shape),
          placed({ ...small, buffer: share }, x.shape),
        ),
      ];
    },
  });
}

/**
 * Where the largest value along a dimension is, as u32; of equal ones the first, and the first NaN where there is one. Negative axes count from the
 * end; by default x is taken as one line of all its elements. Without a gradient. As PyTorch's.
 * Throws ShapeError for a dimension that is not there or has no elements.
 */
export function argmax(x: Tensor, axis?: number, { keepdim = false }: ReduceOptions = {}): Tensor<'u32'> {
  const reduced = axesOf('argmax', x.shape, axis);
  const [line, d] = axis === undefined ? [[x.size], 0] : [x.shape, reduced.indexOf(true)];
  const extent = choiceExtent('argmax', line, d);
  const { y, winner } = reduceMax(x.buffer, extent, 'first');
  x.gpu.drop(y);
  return new Tensor(winner, reducedShape(x.shape, reduced, keepdim));
}

/** Mean over the height and width of images: [N, H, W, C] → [N, C], in float32. dx = dy / (H·W), repeated. */
export function globalAvgPool2d(x: Tensor): Tensor {
  const [n, h, w, c] = x.shape;
  const extent = { outer: n, repeat: h * w, inner: c };
  return record('globalAvgPool2d', {
    inputs: [x],
    output: kernels.reduceSum(x.buffer, extent, 1 / (h * w)),
    shape: [n, c],
    backward: (dy) => [kernels.expand(dy, extent, 1 / (h * w), x.buffer.storage)],
  });
}
