import * as kernels from '../../kernels/max_pool.ts';
import { ShapeError } from '../../runtime/errors.ts';
import { record } from '../record.ts';
import type { Shape, Tensor } from '../tensor.ts';
import { pair, type Size2d } from './conv2d.ts';

/** The window of `maxPool2d`. */
export interface PoolOptions {
  /** Size of the window, in pixels. */
  kernelSize: Size2d;
  /** Step of the window. Default: its size. */
  stride?: Size2d;
  /** Border that never wins, at most half a window. Default 0. */
  padding?: Size2d;
}

/** The sizes of a pooling of x. Throws ShapeError, naming the operation, where they do not fit. */
export function poolShape(
  operation: string,
  x: Shape,
  { kernelSize, stride = kernelSize, padding = 0 }: PoolOptions,
): kernels.PoolShape {
  if (x.length !== 4) throw new ShapeError(`${operation}: the input must be [N, H, W, C]; its shape is [${x}].`);
  const [n, h, w, c] = x;
  const [kh, kw] = pair(operation, 'kernelSize', kernelSize, 1);
  const [strideH, strideW] = pair(operation, 'stride', stride, 1);
  const [padH, padW] = pair(operation, 'padding', padding, 0);
  if (2 * padH > kh || 2 * padW > kw) {
    throw new ShapeError(`${operation}: padding [${padH}, ${padW}] is more than half of the window [${kh}, ${kw}].`);
  }
  const oh = Math.floor((h + 2 * padH - kh) / strideH) + 1;
  const ow = Math.floor((w + 2 * padW - kw) / strideW) + 1;
  if (oh < 1 || ow < 1)
    throw new ShapeError(`${operation}: the window [${kh}, ${kw}] does not fit into the input [${x}].`);
  return { n, h, w, c, kh, kw, strideH, strideW, padH, padW, oh, ow };
}

/**
 * Max pooling. x [N, H, W, C] → [N, OH, OW, C], OH = ⌊(H + 2·pad − KH) / stride⌋ + 1. The gradient goes to the winner of each window, of
 * equal ones the first, rows first; a NaN wins, the last of several. As PyTorch's. Throws ShapeError where the shapes do not fit or a window has more than 256 elements.
 */
export function maxPool2d(x: Tensor, options: PoolOptions): Tensor {
  const shape = poolShape('maxPool2d', x.shape, options);
  if (shape.kh * shape.kw > 256)
    throw new ShapeError(`maxPool2d: a window of ${shape.kh} × ${shape.kw} has more than 256 elements.`);
  const { y, winner } = kernels.maxPool(x.buffer, shape);
  return record('maxPool2d', {
    inputs: [x],
    output: y,
    shape: [shape.n, shape.oh, shape.ow, shape.c],
    settings: shape,
    saved: [winner],
    backward: (dy) => [kernels.maxPoolGrad(dy, winner, shape)],
  });
}
