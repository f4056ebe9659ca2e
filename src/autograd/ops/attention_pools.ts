import * as kernels from '../../kernels/attention_pools.ts';
import { ShapeError } from '../../runtime/errors.ts';
import { record } from '../record.ts';
import { sizeOf, type Tensor } from '../tensor.ts';

function imagesOf(operation: string, { shape }: Tensor): readonly number[] {
  if (shape.length !== 4 || sizeOf(shape.slice(1)) === 0) {
    throw new ShapeError(`${operation}: images [N, H, W, C] are needed; the shape is [${shape}].`);
  }
  return shape;
}

/**
 * Largest value of each channel over height and width: [N, H, W, C] → [N, C]. The gradient goes to where it was found, of equal ones the first,
 * rows first. Throws ShapeError for other shapes.
 */
export function globalMaxPool2d(x: Tensor): Tensor {
  const [n, h, w, c] = imagesOf('globalMaxPool2d', x);
  const extent = { outer: n, repeat: h * w, inner: c };
  const { y, winner } = kernels.reduceMax(x.buffer, extent);
  return record('globalMaxPool2d', {
    inputs: [x],
    output: y,
    shape: [n, c],
    saved: [winner],
    backward: (dy) => [kernels.reduceMaxGrad(dy, winner, extent)],
  });
}

/**
 * Largest value and mean of each pixel's channels: [N, H, W, C] → [N, H, W, 2], the largest first. The gradient of the largest goes to where it
 * was found, of equal ones the first; that of the mean to all alike. Throws ShapeError for other shapes.
 */
export function channelPool2d(x: Tensor): Tensor {
  const [n, h, w, c] = imagesOf('channelPool2d', x);
  const shape = { pixels: n * h * w, channels: c };
  const { y, winner } = kernels.channelPool(x.buffer, shape);
  return record('channelPool2d', {
    inputs: [x],
    output: y,
    shape: [n, h, w, 2],
    saved: [winner],
    backward: (dy) => [kernels.channelPoolGrad(dy, winner, shape)],
  });
}
