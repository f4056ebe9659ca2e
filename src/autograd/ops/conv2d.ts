import * as kernels from '../../kernels/conv2d.ts';
import { ShapeError } from '../../kernels/errors.ts';
import { record } from '../tape.ts';
import type { Shape, Tensor } from '../tensor.ts';

/** One number for both dimensions, or [vertical, horizontal]. */
export type Size2d = number | readonly [number, number];

export interface Conv2dOptions {
  /** Step of the window, in pixels. Default 1. */
  stride?: Size2d;
  /** Zeros around the image, in pixels. Default 0. */
  padding?: Size2d;
}

/** Both dimensions of a Size2d. Throws ShapeError unless they are integers of at least `least`. */
export function pair(operation: string, argument: string, size: Size2d, least: number): readonly [number, number] {
  const both = typeof size === 'number' ? ([size, size] as const) : size;
  if (!both.every((value) => Number.isInteger(value) && value >= least)) {
    throw new ShapeError(
      `${operation}: ${argument} must be an integer of at least ${least}, or two of them; it is ${JSON.stringify(size)}.`,
    );
  }
  return both;
}

function conv2dShape(x: Shape, weight: Shape, { stride = 1, padding = 0 }: Conv2dOptions): kernels.Conv2dShape {
  if (x.length !== 4) throw new ShapeError(`conv2d: the input must be [N, H, W, CI]; its shape is [${x}].`);
  if (weight.length !== 4)
    throw new ShapeError(`conv2d: the weight must be [KH, KW, CI, CO]; its shape is [${weight}].`);
  const [n, h, w, ci] = x;
  const [kh, kw, inChannels, co] = weight;
  if (ci !== inChannels) {
    throw new ShapeError(`conv2d: the input [${x}] has ${ci} channels, the weight [${weight}] expects ${inChannels}.`);
  }
  const [strideH, strideW] = pair('conv2d', 'stride', stride, 1);
  const [padH, padW] = pair('conv2d', 'padding', padding, 0);
  const oh = Math.floor((h + 2 * padH - kh) / strideH) + 1;
  const ow = Math.floor((w + 2 * padW - kw) / strideW) + 1;
  if (oh < 1 || ow < 1) {
    throw new ShapeError(
      `conv2d: the weight [${weight}] does not fit into the input [${x}] with padding [${padH}, ${padW}].`,
    );
  }
  return { n, h, w, ci, co, kh, kw, strideH, strideW, padH, padW, oh, ow };
}

/**
 * 2-D convolution (cross-correlation). x [N, H, W, CI], weight [KH, KW, CI, CO], bias [CO] or none.
 *
 *   y[n, oh, ow, co] = bias[co] + Σ over kh, kw, ci of  x[n, oh·stride + kh − pad, ow·stride + kw − pad, ci] · weight[kh, kw, ci, co]
 *
 * Shape [N, OH, OW, CO], OH = ⌊(H + 2·pad − KH) / stride⌋ + 1. Throws ShapeError where the shapes do not fit.
 */
export function conv2d(x: Tensor, weight: Tensor, bias?: Tensor, options: Conv2dOptions = {}): Tensor {
  const shape = conv2dShape(x.shape, weight.shape, options);
  if (bias && (bias.shape.length !== 1 || bias.size !== shape.co)) {
    throw new ShapeError(
      `conv2d: the bias must be [${shape.co}] for the weight [${weight.shape}]; its shape is [${bias.shape}].`,
    );
  }
  const [xs, ws] = [x.buffer, weight.buffer];
  return record('conv2d', {
    inputs: bias ? [x, weight, bias] : [x, weight],
    output: kernels.conv2d(xs, ws, bias?.buffer, shape),
    shape: [shape.n, shape.oh, shape.ow, shape.co],
    saved: [...(weight.requiresGrad ? [xs] : []), ...(x.requiresGrad ? [ws] : [])],
    backward: (dy, [needsX, needsWeight, needsBias]) => [
      needsX ? kernels.conv2dInputGrad(dy, ws, shape) : undefined,
      needsWeight ? kernels.conv2dWeightGrad(xs, dy, shape) : undefined,
      needsBias ? kernels.conv2dBiasGrad(dy, shape) : undefined,
    ],
  });
}
