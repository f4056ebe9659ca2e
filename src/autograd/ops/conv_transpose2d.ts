import { addBroadcast, reduceSum } from '../../kernels/broadcast.ts';
import type { GroupedConv2dShape } from '../../kernels/grouped_conv2d.ts';
import { ShapeError } from '../../runtime/errors.ts';
import { record } from '../record.ts';
import type { Shape, Tensor } from '../tensor.ts';
import { checkGroups, passes } from './conv2d.ts';
import { checkNotEmpty, pair, type Size2d } from './window.ts';

/** How the window of `convTranspose2d` moves over the output. */
export interface ConvTranspose2dOptions {
  /** Step of the window in the output, in pixels. Default 1. */
  stride?: Size2d;
  /** Pixels cut off from each side of the output. Default 0. */
  padding?: Size2d;
  /** Pixels more of output at its lower and right edge; fewer than stride or dilation. Default 0. */
  outputPadding?: Size2d;
  /** Pixels from one tap of the window to the next. Default 1. */
  dilation?: Size2d;
  /** Input and output channels are cut into as many groups, and each output channel sees the inputs of its group alone. Default 1. */
  groups?: number;
}

/** Options of a transposed convolution, checked and both ways. */
export interface TransposedWindow {
  readonly kernelSize: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
  readonly outputPadding: readonly [number, number];
  readonly dilation: readonly [number, number];
}

/** Checks the options of a transposed convolution. Throws ShapeError, naming the operation, for sizes that are none. */
export function transposedWindow(
  operation: string,
  kernelSize: Size2d,
  { stride = 1, padding = 0, outputPadding = 0, dilation = 1 }: ConvTranspose2dOptions,
): TransposedWindow {
  const window = {
    kernelSize: pair(operation, 'kernelSize', kernelSize, 1),
    stride: pair(operation, 'stride', stride, 1),
    padding: pair(operation, 'padding', padding, 0),
    outputPadding: pair(operation, 'outputPadding', outputPadding, 0),
    dilation: pair(operation, 'dilation', dilation, 1),
  };
  // More of it would be pixels that no window can reach, which PyTorch refuses too.
  if (window.outputPadding.some((more, d) => more >= Math.max(window.stride[d], window.dilation[d]))) {
    throw new ShapeError(
      `${operation}: outputPadding [${window.outputPadding}] must be less than stride [${window.stride}] or dilation [${window.dilation}].`,
    );
  }
  return window;
}

/** Height and width of the output for an image of h × w. Throws ShapeError, naming the operation, where nothing is left of it. */
export function transposedSize(operation: string, window: TransposedWindow, h: number, w: number): [number, number] {
  const { kernelSize, stride, padding, outputPadding, dilation } = window;
  const along = (size: number, d: 0 | 1) =>
    (size - 1) * stride[d] - 2 * padding[d] + dilation[d] * (kernelSize[d] - 1) + outputPadding[d] + 1;
  const [oh, ow] = [along(h, 0), along(w, 1)];
  if (oh < 1 || ow < 1) {
    throw new ShapeError(
      `${operation}: padding [${padding}] leaves nothing of the output for an image of ${h}×${w} and a window of ${kernelSize.join('×')}.`,
    );
  }
  return [oh, ow];
}

/** The sizes of the convolution whose input gradient this is: its input is the output here. */
function convolutionOf(x: Shape, weight: Shape, options: ConvTranspose2dOptions): GroupedConv2dShape {
  const { groups = 1 } = options;
  if (x.length !== 4) throw new ShapeError(`convTranspose2d: the input must be [N, H, W, CI]; its shape is [${x}].`);
  if (weight.length !== 4) {
    throw new ShapeError(`convTranspose2d: the weight must be [KH, KW, CO / groups, CI]; its shape is [${weight}].`);
  }
  checkNotEmpty('convTranspose2d', x);
  const [n, oh, ow, co] = x;
  const [kh, kw, depth, inChannels] = weight;
  if (co !== inChannels) {
    throw new ShapeError(
      `convTranspose2d: the input [${x}] has ${co} channels, the weight [${weight}] expects ${inChannels}.`,
    );
  }
  const ci = depth * groups;
  checkGroups('convTranspose2d', groups, co, ci);
  const window = transposedWindow('convTranspose2d', [kh, kw], options);
  const [h, w] = transposedSize('convTranspose2d', window, oh, ow);
  const [[strideH, strideW], [padH, padW]] = [window.stride, window.padding];
  const [dilationH, dilationW] = window.dilation.map((step, d) => (weight[d] === 1 ? 1 : step));
  return { n, h, w, ci, co, kh, kw, strideH, strideW, padH, padW, dilationH, dilationW, oh, ow, groups };
}

/**
 * Transposed 2-D convolution: each input pixel adds its window, times its value, to the output. x [N, H, W, CI], weight
 * [KH, KW, CO / groups, CI], bias [CO] or none.
 *
 *   y[n, h·stride + kh·dilation − pad, w·stride + kw·dilation − pad, co] += x[n, h, w, ci] · weight[kh, kw, co, ci],   from y = bias[co] on
 *
 * It is the gradient of `conv2d` with that weight with respect to its input, and runs on the same kernels, so that its sums have their order.
 * Shape [N, OH, OW, CO], OH = (H − 1)·stride − 2·pad + dilation·(KH − 1) + outputPadding + 1. PyTorch's conv_transpose2d.
 * Throws ShapeError where the shapes do not fit.
 * Source: Dumoulin, Visin, "A guide to convolution arithmetic for deep learning", 2016.
 */
export function convTranspose2d(
  x: Tensor,
  weight: Tensor,
  bias?: Tensor,
  options: ConvTranspose2dOptions = {},
): Tensor {
  const s = convolutionOf(x.shape, weight.shape, options);
  if (bias && (bias.shape.length !== 1 || bias.size !== s.ci)) {
    throw new ShapeError(
      `convTranspose2d: the bias must be [${s.ci}] for the weight [${weight.shape}]; its shape is [${bias.shape}].`,
    );
  }
  const [xs, ws, { gpu }] = [x.buffer, weight.buffer, x];
  const { forward, inputGrad, weightGrad } = passes(s);
  const pixels = { outer: 1, repeat: s.n * s.h * s.w, inner: s.ci };
  let y = inputGrad(xs, ws, s);
  if (bias) {
    const plain = y;
    y = addBroadcast(plain, bias.buffer, pixels);
    gpu.drop(plain);
  }
  return record('convTranspose2d', {
    inputs: bias ? [x, weight, bias] : [x, weight],
    output: y,
    shape: [s.n, s.h, s.w, s.ci],
    saved: [...(weight.requiresGrad ? [xs] : []), ...(x.requiresGrad ? [ws] : [])],
    backward: (dy, [needsX, needsWeight, needsBias]) => [
      needsX ? forward(dy, ws, undefined, s) : undefined,
      needsWeight ? weightGrad(dy, xs, s) : undefined,
      needsBias ? reduceSum(dy, pixels) : undefined,
    ],
  });
}
