import * as kernels from '../../kernels/conv2d.ts';
import * as depthwise from '../../kernels/depthwise_conv2d.ts';
import * as grouped from '../../kernels/grouped_conv2d.ts';
import { ShapeError } from '../../runtime/errors.ts';
import { record } from '../record.ts';
import type { Shape, Tensor } from '../tensor.ts';

/** One number for both dimensions, or [vertical, horizontal]. */
export type Size2d = number | readonly [number, number];

/** How the window of `conv2d` moves. */
export interface Conv2dOptions {
  /** Step of the window, in pixels. Default 1. */
  stride?: Size2d;
  /** Zeros around the image, in pixels. Default 0. */
  padding?: Size2d;
  /** Input and output channels are cut into as many groups, and each output channel sees the inputs of its group alone. Default 1. */
  groups?: number;
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

function conv2dShape(
  x: Shape,
  weight: Shape,
  { stride = 1, padding = 0, groups = 1 }: Conv2dOptions,
): grouped.GroupedConv2dShape {
  if (x.length !== 4) throw new ShapeError(`conv2d: the input must be [N, H, W, CI]; its shape is [${x}].`);
  if (weight.length !== 4)
    throw new ShapeError(`conv2d: the weight must be [KH, KW, CI / groups, CO]; its shape is [${weight}].`);
  const [n, h, w, ci] = x;
  const [kh, kw, depth, co] = weight;
  checkGroups('conv2d', groups, ci, co);
  if (ci !== depth * groups) {
    const inGroups = groups === 1 ? '' : ` in ${groups} groups`;
    throw new ShapeError(
      `conv2d: the input [${x}] has ${ci} channels, the weight [${weight}]${inGroups} expects ${depth * groups}.`,
    );
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
  return { n, h, w, ci, co, kh, kw, strideH, strideW, padH, padW, oh, ow, groups };
}

/** Throws ShapeError unless both numbers of channels can be cut into `groups` equal groups. */
export function checkGroups(operation: string, groups: number, inChannels: number, outChannels: number): void {
  if (Number.isInteger(groups) && groups >= 1 && inChannels % groups === 0 && outChannels % groups === 0) return;
  throw new ShapeError(
    `${operation}: ${inChannels} input and ${outChannels} output channels cannot be cut into ${groups} equal groups.`,
  );
}

/** The kernels of the three passes, by how the channels are grouped. */
function passes({ groups, ci }: grouped.GroupedConv2dShape) {
  if (groups === 1) {
    return { forward: kernels.conv2d, inputGrad: kernels.conv2dInputGrad, weightGrad: kernels.conv2dWeightGrad };
  }
  if (groups === ci) {
    return {
      forward: depthwise.depthwiseConv2d,
      inputGrad: depthwise.depthwiseConv2dInputGrad,
      weightGrad: depthwise.depthwiseConv2dWeightGrad,
    };
  }
  return {
    forward: grouped.groupedConv2d,
    inputGrad: grouped.groupedConv2dInputGrad,
    weightGrad: grouped.groupedConv2dWeightGrad,
  };
}

/**
 * 2-D convolution (cross-correlation). x [N, H, W, CI], weight [KH, KW, CI / groups, CO], bias [CO] or none.
 *
 *   y[n, oh, ow, co] = bias[co] + Σ over kh, kw, ci of  x[n, oh·stride + kh − pad, ow·stride + kw − pad, ci] · weight[kh, kw, ci, co]
 *
 * With groups, output channel co belongs to group g = ⌊co / (CO / groups)⌋ and sees the input channels g·CI/groups + ci alone; with as
 * many groups as input channels the convolution is depthwise.
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
  const { forward, inputGrad, weightGrad } = passes(shape);
  return record('conv2d', {
    inputs: bias ? [x, weight, bias] : [x, weight],
    output: forward(xs, ws, bias?.buffer, shape),
    shape: [shape.n, shape.oh, shape.ow, shape.co],
    settings: shape,
    saved: [...(weight.requiresGrad ? [xs] : []), ...(x.requiresGrad ? [ws] : [])],
    backward: (dy, [needsX, needsWeight, needsBias]) => [
      needsX ? inputGrad(dy, ws, shape) : undefined,
      needsWeight ? weightGrad(xs, dy, shape) : undefined,
      needsBias ? kernels.conv2dBiasGrad(dy, shape) : undefined,
    ],
  });
}
