import * as kernels from '../../kernels/broadcast.ts';
import { record } from '../record.ts';
import { sizeOf, type Tensor } from '../tensor.ts';

/** Sum of all elements times a factor, as a scalar, []. dx = factor · dy everywhere. */
function total(name: string, x: Tensor, factor: number): Tensor {
  const extent = { outer: 1, repeat: x.size, inner: 1 };
  return record(name, {
    inputs: [x],
    output: kernels.reduceSum(x.buffer, extent, factor),
    shape: [],
    backward: (dy) => [kernels.expand(dy, extent, factor)],
  });
}

/** y = Σ x, a scalar, []. dx = dy everywhere. */
export function sum(x: Tensor): Tensor {
  return total('sum', x, 1);
}

/** y = Σ x / size, a scalar, []. dx = dy / size everywhere. */
export function mean(x: Tensor): Tensor {
  return total('mean', x, 1 / x.size);
}

/** Mean over the height and width of images: [N, H, W, C] → [N, C]. dx = dy / (H·W), repeated. */
export function globalAvgPool2d(x: Tensor): Tensor {
  const [n, h, w, c] = x.shape;
  const extent = { outer: n, repeat: h * w, inner: c };
  return record('globalAvgPool2d', {
    inputs: [x],
    output: kernels.reduceSum(x.buffer, extent, 1 / (h * w)),
    shape: [n, c],
    backward: (dy) => [kernels.expand(dy, extent, 1 / (h * w))],
  });
}

/** The same elements in another shape. Throws ShapeError where the sizes differ. */
export function reshape(x: Tensor, shape: readonly number[]): Tensor {
  return record('reshape', { inputs: [x], output: x.buffer, shape, backward: (dy) => [dy] });
}

/** Everything but the first dimension in one: [N, …] → [N, size / N]. */
export function flatten(x: Tensor): Tensor {
  return reshape(x, [x.shape[0], sizeOf(x.shape.slice(1))]);
}
