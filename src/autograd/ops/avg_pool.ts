import * as kernels from '../../kernels/avg_pool.ts';
import { ShapeError } from '../../runtime/errors.ts';
import { record } from '../record.ts';
import type { Tensor } from '../tensor.ts';
import { type PoolOptions, poolShape } from './max_pool.ts';
import { checkNotEmpty, pair, type Size2d } from './window.ts';

/** The window of `avgPool2d`. */
export interface AvgPoolOptions extends PoolOptions {
  /** Whether the zeros of the padding count as elements of their windows; what overhangs the padding never does. Default true. */
  countIncludePad?: boolean;
}

/**
 * Average pooling. x [N, H, W, C] → [N, OH, OW, C], OH = ⌊(H + 2·pad − KH) / stride⌋ + 1, rounded up in ceil mode. dy is spread evenly over its
 * window. As PyTorch's. Throws ShapeError where the shapes do not fit.
 */
export function avgPool2d(x: Tensor, options: AvgPoolOptions): Tensor {
  return poolByMean('avgPool2d', x, options);
}

/** `avgPool2d` under the name that errors and the tape give it. */
export function poolByMean(
  operation: string,
  x: Tensor,
  { countIncludePad = true, ...options }: AvgPoolOptions,
): Tensor {
  const shape = { ...poolShape(operation, x.shape, options), countPadding: countIncludePad };
  return record(operation, {
    inputs: [x],
    output: kernels.avgPool(x.buffer, shape),
    shape: [shape.n, shape.oh, shape.ow, shape.c],
    settings: shape,
    backward: (dy) => [kernels.avgPoolGrad(dy, shape)],
  });
}

/**
 * Average pooling into `outputSize` windows, as equal as they can be: x [N, H, W, C] → [N, OH, OW, C]. Window oh covers the rows from
 * ⌊oh·H / OH⌋ to ⌈(oh + 1)·H / OH⌉. As PyTorch's. `globalAvgPool2d` is its faster form for one window, as [N, C].
 * Throws ShapeError where the shapes do not fit.
 */
export function adaptiveAvgPool2d(x: Tensor, outputSize: Size2d): Tensor {
  if (x.shape.length !== 4) {
    throw new ShapeError(`adaptiveAvgPool2d: the input must be [N, H, W, C]; its shape is [${x.shape}].`);
  }
  checkNotEmpty('adaptiveAvgPool2d', x.shape);
  const [n, h, w, c] = x.shape;
  const [oh, ow] = pair('adaptiveAvgPool2d', 'outputSize', outputSize, 1);
  const shape = { n, h, w, c, oh, ow };
  return record('adaptiveAvgPool2d', {
    inputs: [x],
    output: kernels.adaptiveAvgPool(x.buffer, shape),
    shape: [n, oh, ow, c],
    backward: (dy) => [kernels.adaptiveAvgPoolGrad(dy, shape)],
  });
}
