import { denseStrides } from '../../kernels/dimensions.ts';
import * as kernels from '../../kernels/strided.ts';
import { ShapeError } from '../../runtime/errors.ts';
import { axisOf } from '../axes.ts';
import { record } from '../record.ts';
import { type Shape, sizeOf, type Tensor } from '../tensor.ts';

/**
 * The same elements in another shape, in which one size may be −1: what is left for it. Takes no time, as the memory is shared.
 * Throws ShapeError where the sizes differ.
 */
export function reshape(x: Tensor, shape: readonly number[]): Tensor {
  const open = shape.indexOf(-1);
  const known = sizeOf(shape.filter((_, d) => d !== open));
  const sizes = open < 0 ? shape : shape.with(open, x.size / known);
  if (!sizes.every((size) => Number.isInteger(size) && size >= 0) || sizeOf(sizes) !== x.size) {
    throw new ShapeError(`reshape: the shape [${x.shape}] has ${x.size} elements, which do not fit [${shape}].`);
  }
  return record('reshape', { inputs: [x], output: x.buffer, shape: sizes, backward: (dy) => [dy] });
}

/**
 * The dimensions from one to another, both included, as one: by default all but the first, [N, …] → [N, size / N], as PyTorch's nn.Flatten. Negative
 * ones count from the end. A vector becomes [N, 1] by default. Throws ShapeError for a dimension that is not there, or an end before the start.
 */
export function flatten(x: Tensor, startDim = 1, endDim = -1): Tensor {
  const { shape } = x;
  if (shape.length === 1 && startDim === 1 && endDim === -1) return reshape(x, [shape[0], 1]);
  const [start, end] = [axisOf('flatten', shape, startDim), axisOf('flatten', shape, endDim)];
  if (end < start) throw new ShapeError(`flatten: dimension ${endDim} of the shape [${shape}] is before ${startDim}.`);
  return reshape(x, [...shape.slice(0, start), sizeOf(shape.slice(start, end + 1)), ...shape.slice(end + 1)]);
}

/** The dimensions in another order: y's dimension k is x's order[k]. */
function reorder(name: string, x: Tensor, order: readonly number[]): Tensor {
  const move = (array: Tensor['buffer'], shape: Shape, places: readonly number[]) => {
    const strides = denseStrides(shape);
    return kernels.permute(
      name,
      array,
      places.map((d) => shape[d]),
      places.map((d) => strides[d]),
    );
  };
  const shape = order.map((d) => x.shape[d]);
  const back = order.map((_, d) => order.indexOf(d));
  return record(name, {
    inputs: [x],
    output: move(x.buffer, x.shape, order),
    shape,
    backward: (dy) => [move(dy, shape, back)],
    settings: { order },
  });
}

/**
 * The dimensions in another order: y's dimension k is x's dimension order[k]; negative ones count from the end. `permute(x, [0, 3, 1, 2])` makes
 * [N, C, H, W] of images [N, H, W, C]. Gradient: back in the old order. Throws ShapeError where the order does not name each dimension once.
 */
export function permute(x: Tensor, order: readonly number[]): Tensor {
  const { shape } = x;
  const places = order.map((axis) => axisOf('permute', shape, axis));
  if (places.length !== shape.length || new Set(places).size < shape.length) {
    throw new ShapeError(`permute: the order [${order}] does not name each dimension of the shape [${shape}] once.`);
  }
  return reorder('permute', x, places);
}

/** Two dimensions exchanged; negative ones count from the end. Gradient: exchanged too. Throws ShapeError for a dimension that is not there. */
export function transpose(x: Tensor, dim0: number, dim1: number): Tensor {
  const [a, b] = [axisOf('transpose', x.shape, dim0), axisOf('transpose', x.shape, dim1)];
  const order = x.shape.map((_, d) => d);
  return reorder('transpose', x, order.with(a, b).with(b, a));
}
