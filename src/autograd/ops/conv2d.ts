import { batchNormFold } from '../../kernels/batch_norm.ts';
import { cast, type Precision } from '../../kernels/cast.ts';
import * as kernels from '../../kernels/conv2d.ts';
import * as depthwise from '../../kernels/depthwise_conv2d.ts';
import { fill } from '../../kernels/elementwise.ts';
import type { GroupedConv2dShape } from '../../kernels/grouped_conv2d.ts';
import * as grouped from '../../kernels/grouped_conv2d.ts';
import { ShapeError } from '../../runtime/errors.ts';
import type { DeviceArray } from '../../runtime/gpu.ts';
import { record } from '../record.ts';
import { type Shape, sizeOf, Tensor } from '../tensor.ts';
import {
  checkNotEmpty,
  paddingOf,
  type Size2d,
  type Window,
  type WindowOptions,
  windowOf,
  windowPositions,
} from './window.ts';

/** How the window of `conv2d` moves. */
export interface Conv2dOptions {
  /** Step of the window, in pixels. Default 1. */
  stride?: Size2d;
  /**
   * Zeros on each side of the image, in pixels; 'same', for stride 1: as many as keep its size, the odd one behind; 'valid': none. Default 0.
   */
  padding?: Size2d | 'same' | 'valid';
  /** Pixels from one tap of the window to the next. Default 1. */
  dilation?: Size2d;
  /** Input and output channels are cut into as many groups, and each output channel sees the inputs of its group alone. Default 1. */
  groups?: number;
}

/** A convolution's window. Throws ShapeError for sizes that are none, and for padding 'same' with another stride than 1, as PyTorch does. */
export function convolutionWindow(operation: string, options: WindowOptions): Window {
  const window = windowOf(operation, options);
  if (window.padding === 'same' && window.stride.some((step) => step > 1)) {
    throw new ShapeError(`${operation}: padding 'same' is for stride 1; the stride is [${window.stride}].`);
  }
  return window;
}

function conv2dShape(
  operation: string,
  x: Shape,
  weight: Shape,
  { groups = 1, ...options }: Conv2dOptions,
): GroupedConv2dShape {
  if (x.length !== 4) throw new ShapeError(`${operation}: the input must be [N, H, W, CI]; its shape is [${x}].`);
  if (weight.length !== 4)
    throw new ShapeError(`${operation}: the weight must be [KH, KW, CI / groups, CO]; its shape is [${weight}].`);
  checkNotEmpty(operation, x);
  if (sizeOf(weight) === 0) throw new ShapeError(`${operation}: the weight is empty; its shape is [${weight}].`);
  const [n, h, w, ci] = x;
  const [kh, kw, depth, co] = weight;
  checkGroups(operation, groups, ci, co);
  if (ci !== depth * groups) {
    const inGroups = groups === 1 ? '' : ` in ${groups} groups`;
    throw new ShapeError(
      `${operation}: the input [${x}] has ${ci} channels, the weight [${weight}]${inGroups} expects ${depth * groups}.`,
    );
  }
  const window = convolutionWindow(operation, { kernelSize: [kh, kw], ...options });
  const [oh, ow] = windowPositions(window, [h, w]);
  if (oh < 1 || ow < 1) {
    const { padding, dilation } = window;
    const gaps = dilation[0] * dilation[1] > 1 ? ` and dilation [${dilation}]` : '';
    const around = padding === 'same' ? "'same'" : `[${padding.join(', ')}]`;
    throw new ShapeError(
      `${operation}: the weight [${weight}] does not fit into the input [${x}] with padding ${around}${gaps}.`,
    );
  }
  const [[strideH, strideW], [padH, padW]] = [window.stride, paddingOf(window, [h, w]).before];
  // Where there is one tap, the way to the next is of no account, and all kernels can run.
  const [dilationH, dilationW] = window.dilation.map((step, d) => (weight[d] === 1 ? 1 : step));
  return { n, h, w, ci, co, kh, kw, strideH, strideW, padH, padW, dilationH, dilationW, oh, ow, groups };
}

/** Throws ShapeError unless both numbers of channels can be cut into `groups` equal groups. */
export function checkGroups(operation: string, groups: number, inChannels: number, outChannels: number): void {
  if (Number.isInteger(groups) && groups >= 1 && inChannels % groups === 0 && outChannels % groups === 0) return;
  throw new ShapeError(
    `${operation}: ${inChannels} input and ${outChannels} output channels cannot be cut into ${groups} equal groups.`,
  );
}

/** The three passes where there are no images: results are empty, and the sums over the images 0. */
const WITHOUT_IMAGES = {
  forward: ({ gpu, storage }: DeviceArray<'f32'>) => gpu.alloc(0, 'f32', 'conv2d', storage),
  inputGrad: ({ gpu, storage }: DeviceArray<'f32'>) => gpu.alloc(0, 'f32', 'conv2d', storage),
  weightGrad: ({ gpu }: DeviceArray<'f32'>, _dy: DeviceArray<'f32'>, { kh, kw, ci, co, groups }: GroupedConv2dShape) =>
    fill(gpu, (kh * kw * ci * co) / groups, 0),
};

/** The kernels of the three passes, by how the channels are grouped. */
export function passes({ n, groups, ci }: GroupedConv2dShape) {
  if (n === 0) return WITHOUT_IMAGES;
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
 *   y[n, oh, ow, co] = bias[co] + Σ over kh, kw, ci of  x[n, oh·stride + kh·dilation − pad, ow·stride + kw·dilation − pad, ci] · weight[kh, kw, ci, co]
 *
 * With groups, output channel co belongs to group g = ⌊co / (CO / groups)⌋ and sees the input channels g·CI/groups + ci alone; with as
 * many groups as input channels the convolution is depthwise.
 * Shape [N, OH, OW, CO], OH = ⌊(H + 2·pad − dilation·(KH − 1) − 1) / stride⌋ + 1. N may be 0; then the gradients of weight and bias are 0.
 * Half-precision x gives a half-precision y, whatever the weights are stored as. PyTorch's conv2d. Throws ShapeError where the shapes do not fit, another size is 0, or for padding 'same' with another stride than 1.
 * Source of dilation: Yu, Koltun, "Multi-scale context aggregation by dilated convolutions", ICLR 2016.
 */
export function conv2d(x: Tensor, weight: Tensor, bias?: Tensor, options: Conv2dOptions = {}): Tensor {
  return convolve('conv2d', x, weight, bias, options);
}

/** `conv2d` under the name that errors and the tape give it. */
export function convolve(
  operation: string,
  x: Tensor,
  weight: Tensor,
  bias: Tensor | undefined,
  options: Conv2dOptions,
): Tensor {
  const shape = conv2dShape(operation, x.shape, weight.shape, options);
  if (bias && (bias.shape.length !== 1 || bias.size !== shape.co)) {
    throw new ShapeError(
      `${operation}: the bias must be [${shape.co}] for the weight [${weight.shape}]; its shape is [${bias.shape}].`,
    );
  }
  const [xs, ws] = [x.buffer, weight.buffer];
  // Half-precision images meet a copy of the weights that is stored alike. The backward pass makes its own, so that none waits for it.
  const storedAlike = () => cast(ws, xs.storage as Precision);
  const { forward, inputGrad, weightGrad } = passes(shape);
  const copy = storedAlike();
  const output = forward(xs, copy, bias?.buffer, shape);
  if (copy !== ws) x.gpu.drop(copy);
  return record(operation, {
    inputs: bias ? [x, weight, bias] : [x, weight],
    output,
    shape: [shape.n, shape.oh, shape.ow, shape.co],
    settings: shape,
    saved: [...(weight.requiresGrad ? [xs] : []), ...(x.requiresGrad ? [ws] : [])],
    backward: (dy, [needsX, needsWeight, needsBias]) => [
      needsX ? inputGrad(dy, storedAlike(), shape) : undefined,
      needsWeight ? weightGrad(xs, dy, shape) : undefined,
      needsBias ? kernels.conv2dBiasGrad(dy, shape) : undefined,
    ],
  });
}

/** A batch normalisation in evaluation that follows a convolution; see `batchNorm2d`. */
export interface FollowingNorm {
  weight: Tensor;
  bias: Tensor;
  runningMean: Tensor;
  runningVar: Tensor;
  eps: number;
  /** Whether a ReLU follows it. */
  relu: boolean;
}

/**
 * `conv2d` and then the batch normalisation in one pass, which spares a trip through memory: factor · sum + offset, where the two calls compute
 * ((sum + bias) − mean) · factor + β. For evaluation: no gradient is recorded. Undefined where the kernel of this convolution cannot do it. Throws as `conv2d`.
 */
export function normalizedConv2d(
  x: Tensor,
  weight: Tensor,
  bias: Tensor | undefined,
  options: Conv2dOptions,
  norm: FollowingNorm,
): Tensor | undefined {
  const shape = conv2dShape('conv2d', x.shape, weight.shape, options);
  if (shape.groups > 1 || shape.n === 0 || norm.weight.size !== shape.co) return undefined;
  const statistics = { mean: norm.runningMean.buffer, variance: norm.runningVar.buffer, eps: norm.eps };
  const fold = () => batchNormFold(statistics, norm.weight.buffer, norm.bias.buffer, bias?.buffer);
  const weights = cast(weight.buffer, x.buffer.storage as Precision);
  const y = kernels.conv2dScaled(x.buffer, weights, fold, norm.relu, shape);
  if (weights !== weight.buffer) x.gpu.drop(weights);
  return y && new Tensor(y, [shape.n, shape.oh, shape.ow, shape.co]);
}
