import * as kernels from '../../kernels/max_pool.ts';
import { ShapeError } from '../../runtime/errors.ts';
import { record } from '../record.ts';
import type { Shape, Tensor } from '../tensor.ts';
import { checkNotEmpty, paddingOf, type Size2d, windowOf, windowPositions, windowSpan } from './window.ts';

/** The window of a pooling. */
export interface PoolOptions {
  /** Size of the window, in pixels. */
  kernelSize: Size2d;
  /** Step of the window. Default: its size. */
  stride?: Size2d;
  /**
   * Pixels of border on each side of the image, at most half a window; 'same': as many as make ⌈H / stride⌉ × ⌈W / stride⌉ windows, the odd one
   * behind, as TensorFlow has it and ONNX in SAME_UPPER; 'valid': none. Default 0.
   */
  padding?: Size2d | 'same' | 'valid';
  /**
   * Whether the last window of a row or column may overhang, so that no pixel is left out: OH = ⌈(H + 2·pad − KH) / stride⌉ + 1, without a window
   * that would begin behind the image and the border before it. Default false.
   */
  ceilMode?: boolean;
}

/** The window of `maxPool2d`. */
export interface MaxPoolOptions extends PoolOptions {
  /** Pixels from one element of the window to the next. Default 1. */
  dilation?: Size2d;
}

/** The sizes of a pooling of x. Throws ShapeError, naming the operation, where they do not fit. */
export function poolShape(operation: string, x: Shape, options: MaxPoolOptions): kernels.PoolShape {
  if (x.length !== 4) throw new ShapeError(`${operation}: the input must be [N, H, W, C]; its shape is [${x}].`);
  checkNotEmpty(operation, x);
  const [n, h, w, c] = x;
  const window = windowOf(operation, { ...options, stride: options.stride ?? options.kernelSize });
  const [span, { before, total }] = [windowSpan(window), paddingOf(window, [h, w])];
  const [padH, padW] = before;
  const gaps = window.dilation.some((step) => step > 1) ? ` with dilation [${window.dilation.join(', ')}]` : '';
  const text = `the window [${window.kernelSize.join(', ')}]${gaps}`;
  if (2 * padH > span[0] || 2 * padW > span[1]) {
    throw new ShapeError(`${operation}: padding [${padH}, ${padW}] is more than half of ${text}.`);
  }
  const [oh, ow] = windowPositions(window, [h, w]);
  if (oh < 1 || ow < 1) throw new ShapeError(`${operation}: ${text} does not fit into the input [${x}].`);
  const [[kh, kw], [strideH, strideW]] = [window.kernelSize, window.stride];
  const [dilationH, dilationW] = window.dilation.map((step, d) => (window.kernelSize[d] === 1 ? 1 : step));
  const padded = { paddedH: h + total[0], paddedW: w + total[1] };
  return { n, h, w, c, kh, kw, strideH, strideW, padH, padW, ...padded, dilationH, dilationW, oh, ow };
}

/**
 * Max pooling. x [N, H, W, C] → [N, OH, OW, C], OH = ⌊(H + 2·pad − dilation·(KH − 1) − 1) / stride⌋ + 1, rounded up in ceil mode. The border never
 * wins; a window that sees nothing else, as gaps may let it, gives −∞. The gradient goes to the winner of each window, of equal ones the first,
 * rows first; a NaN wins, the last of several. As PyTorch's. Throws ShapeError where the shapes do not fit or a window has more than 256 elements.
 */
export function maxPool2d(x: Tensor, options: MaxPoolOptions): Tensor {
  return poolByMax('maxPool2d', x, options);
}

/** `maxPool2d` under the name that errors and the tape give it. */
export function poolByMax(operation: string, x: Tensor, options: MaxPoolOptions): Tensor {
  const shape = poolShape(operation, x.shape, options);
  if (shape.kh * shape.kw > 256)
    throw new ShapeError(`${operation}: a window of ${shape.kh} × ${shape.kw} has more than 256 elements.`);
  const { y, winner } = kernels.maxPool(x.buffer, shape);
  return record(operation, {
    inputs: [x],
    output: y,
    shape: [shape.n, shape.oh, shape.ow, shape.c],
    settings: shape,
    saved: [winner],
    backward: (dy) => [kernels.maxPoolGrad(dy, winner, shape)],
  });
}
