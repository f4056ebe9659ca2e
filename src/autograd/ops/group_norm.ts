import * as kernels from '../../kernels/group_norm.ts';
import { ShapeError } from '../../runtime/errors.ts';
import { record } from '../record.ts';
import { type Shape, sizeOf, type Tensor } from '../tensor.ts';

/** What `groupNorm` and `layerNorm` scale and shift by, where they do. */
export interface NormOptions {
  /** γ, a factor for each channel, or for each element of what is normalised. Default: none. */
  weight?: Tensor;
  /** β, what is added to each after it. Default: none. */
  bias?: Tensor;
  /** Added to the variance under the root. Default 1e-5. */
  eps?: number;
}

function normalize(
  operation: string,
  x: Tensor,
  s: kernels.GroupNormShape,
  affine: Shape,
  { weight, bias, eps = 1e-5 }: NormOptions,
): Tensor {
  for (const [name, given] of Object.entries({ weight, bias })) {
    if (given && `${given.shape}` !== `${affine}`) {
      throw new ShapeError(
        `${operation}: ${name} must be [${affine}] for the input [${x.shape}]; its shape is [${given.shape}].`,
      );
    }
  }
  if (s.pixels * s.width === 0)
    throw new ShapeError(`${operation}: the input has nothing to normalise over; its shape is [${x.shape}].`);
  const xs = x.buffer;
  const statistics = kernels.groupNormStatistics(xs, s, eps);
  const saved = { x: xs, weight: weight?.buffer, ...statistics };
  const given = [weight, bias].filter((parameter) => parameter !== undefined);
  return record(operation, {
    inputs: [x, ...given],
    output: kernels.groupNormApply(xs, statistics, weight?.buffer, bias?.buffer, s),
    shape: x.shape,
    saved: [xs, statistics.mean, statistics.invstd, ...(weight ? [weight.buffer] : [])],
    backward: (dy, [needsX, ...needs]) => [
      needsX ? kernels.groupNormInputGrad(dy, saved, s) : undefined,
      ...given.map((parameter, i) => {
        if (!needs[i]) return undefined;
        return parameter === weight ? kernels.groupNormWeightGrad(dy, saved, s) : kernels.groupNormBiasGrad(dy, s);
      }),
    ],
  });
}

/**
 * Group normalisation: y = (x − mean) / √(var + eps) · weight + bias, mean and (biased) variance of each sample over its pixels and the channels of
 * one group. x [N, …, C], channels last, `groups` equal groups of neighbouring channels; weight and bias [C]. Shape kept. The same in training and
 * evaluation. PyTorch's group_norm. Throws ShapeError where the shapes do not fit.
 * Source: Wu, He, "Group normalization", ECCV 2018.
 */
export function groupNorm(x: Tensor, groups: number, options: NormOptions = {}): Tensor {
  const { shape } = x;
  const channels = shape[shape.length - 1];
  if (shape.length < 2) throw new ShapeError(`groupNorm: the input must be [N, …, C]; its shape is [${shape}].`);
  checkNormGroups('groupNorm', groups, channels);
  const pixels = sizeOf(shape.slice(1, -1));
  const s = { samples: shape[0], pixels, groups, width: channels / groups };
  return normalize('groupNorm', x, s, [channels], options);
}

/** Throws ShapeError unless the channels can be cut into `groups` equal groups. */
export function checkNormGroups(operation: string, groups: number, channels: number): void {
  if (Number.isInteger(groups) && groups >= 1 && channels % groups === 0) return;
  throw new ShapeError(`${operation}: ${channels} channels cannot be cut into ${groups} equal groups.`);
}

/**
 * Layer normalisation: y = (x − mean) / √(var + eps) · weight + bias, mean and (biased) variance over the last axes, whose sizes normalizedShape says:
 * of images [N, H, W, C], [C] (or C) normalises each pixel over its channels, [H, W, C] each image as a whole. weight and bias have that shape too.
 * Shape kept. PyTorch's layer_norm. Throws ShapeError where the shapes do not fit.
 * Source: Ba, Kiros, Hinton, "Layer normalization", 2016.
 */
export function layerNorm(x: Tensor, normalizedShape: number | Shape, options: NormOptions = {}): Tensor {
  const axes = typeof normalizedShape === 'number' ? [normalizedShape] : normalizedShape;
  checkNormalizedShape('layerNorm', x.shape, axes);
  const width = sizeOf(axes);
  const samples = sizeOf(x.shape.slice(0, x.shape.length - axes.length));
  return normalize('layerNorm', x, { samples, pixels: 1, groups: 1, width }, axes, options);
}

/** Throws ShapeError, naming the operation, unless the last axes of an input have these sizes. */
export function checkNormalizedShape(operation: string, input: Shape, axes: Shape): void {
  if (axes.length > 0 && `${input.slice(-axes.length)}` === `${axes}`) return;
  throw new ShapeError(
    `${operation}: the input's last axes must be [${axes}], which are normalised; its shape is [${input}].`,
  );
}
