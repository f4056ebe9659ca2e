import * as kernels from '../../kernels/batch_norm.ts';
import { copy, fill } from '../../kernels/elementwise.ts';
import { ShapeError } from '../../runtime/errors.ts';
import type { DeviceArray } from '../../runtime/gpu.ts';
import { record } from '../record.ts';
import { isGradEnabled } from '../tape.ts';
import type { Tensor } from '../tensor.ts';

/** What `batchNorm2d` normalises by, and how. */
export interface BatchNormOptions {
  /** [C], γ and β. */
  weight: Tensor;
  bias: Tensor;
  /** [C]; moved on in place in training, normalised by in evaluation. */
  runningMean: Tensor;
  runningVar: Tensor;
  training: boolean;
  /** Share of the new statistics in the running ones. PyTorch's default is 0.1. */
  momentum: number;
  eps: number;
  /** Rectify the output in the same pass: y = max(·, 0). */
  relu?: boolean;
}

const PER_CHANNEL = ['weight', 'bias', 'runningMean', 'runningVar'] as const;

/** The running mean as the backward pass will want it: a training pass before then would move the original on. */
function own(mean: DeviceArray<'f32'>): DeviceArray<'f32'> {
  return isGradEnabled() ? copy(mean) : mean;
}

/**
 * Batch normalisation over all dimensions but the last: y = (x − mean) / √(var + eps) · weight + bias, of each channel. Shape kept.
 *
 * In training mean and (biased) variance are the batch's own, and the running ones move on, by the unbiased variance; in evaluation the
 * running ones are used. As PyTorch's BatchNorm2d.
 * Throws ShapeError for parameters that are not [C], for no channels, and in training for fewer than two values per channel.
 * Source: Ioffe, Szegedy, "Batch Normalization", ICML 2015.
 */
export function batchNorm2d(x: Tensor, options: BatchNormOptions): Tensor {
  const { weight, bias, runningMean, runningVar, training, momentum, eps, relu = false } = options;
  const channels = x.shape[x.shape.length - 1];
  if (!(channels > 0)) throw new ShapeError(`batchNorm2d: the input has no channels; its shape is [${x.shape}].`);
  for (const name of PER_CHANNEL) {
    const { size, shape } = options[name];
    if (size !== channels) {
      throw new ShapeError(
        `batchNorm2d: ${name} must be [${channels}] for the input [${x.shape}]; its shape is [${shape}].`,
      );
    }
  }
  const rows = x.size / channels;
  if (training && rows < 2) {
    throw new ShapeError(`batchNorm2d: training needs more than one value per channel; the input is [${x.shape}].`);
  }
  const statistics = training
    ? kernels.batchNormStatistics(x.buffer, runningMean.buffer, runningVar.buffer, { rows, channels, eps, momentum })
    : { mean: own(runningMean.buffer), invstd: kernels.batchNormInvstd(runningVar.buffer, eps) };
  const y = kernels.batchNormApply(x.buffer, statistics, weight.buffer, bias.buffer, { rows, channels, relu });
  const { mean, invstd } = statistics;
  const saved = { x: x.buffer, y: relu ? y : undefined, mean, invstd, weight: weight.buffer };
  return record('batchNorm2d', {
    inputs: [x, weight, bias],
    output: y,
    shape: x.shape,
    settings: options,
    saved: relu ? [saved.x, mean, invstd, saved.weight, y] : [saved.x, mean, invstd, saved.weight],
    backward: (dy, [needsX, needsWeight, needsBias]) => {
      // Of no rows there is nothing to cut into slices, and the sums over them are 0.
      if (rows === 0) return [dy, fill(dy.gpu, channels, 0), fill(dy.gpu, channels, 0)];
      const sums = kernels.batchNormGradSums(dy, saved, { rows, channels });
      return [
        needsX ? kernels.batchNormInputGrad(dy, saved, sums, { rows, channels, training }) : undefined,
        needsWeight ? sums.dweight : undefined,
        needsBias ? sums.dbias : undefined,
      ];
    },
  });
}
