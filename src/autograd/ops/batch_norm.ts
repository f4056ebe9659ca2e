import * as kernels from '../../kernels/batch_norm.ts';
import { copy, fill } from '../../kernels/elementwise.ts';
import { ShapeError } from '../../runtime/errors.ts';
import type { DeviceArray } from '../../runtime/gpu.ts';
import { record } from '../record.ts';
import { isGradEnabled } from '../tape.ts';
import { Tensor } from '../tensor.ts';

/** What `batchNorm2d` normalises by, and how. */
export interface BatchNormOptions extends kernels.Followed {
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
}

const PER_CHANNEL = ['weight', 'bias', 'runningMean', 'runningVar'] as const;

/** The running statistics as the backward pass will want them: a training pass before then would move the originals on. */
function own(mean: DeviceArray<'f32'>, variance: DeviceArray<'f32'>, eps: number): kernels.BatchNormStatistics {
  return { mean: copy(mean), invstd: kernels.batchNormInvstd(variance, eps) };
}

/**
 * Batch normalisation over all dimensions but the last: y = (x − mean) / √(var + eps) · weight + bias, of each channel, and the activation of it in
 * the same pass where one is asked for. Shape kept.
 *
 * In training mean and (biased) variance are the batch's own, and the running ones move on, by the unbiased variance; in evaluation the
 * running ones are used. As PyTorch's BatchNorm2d.
 * Throws ShapeError for parameters that are not [C], for no channels, and in training for fewer than two values per channel; RangeError for an activation
 * that is none.
 * Source: Ioffe, Szegedy, "Batch Normalization", ICML 2015.
 */
export function batchNorm2d(x: Tensor, options: BatchNormOptions): Tensor {
  const { weight, bias, training, momentum, eps, activation, slope } = options;
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
  const [gamma, beta, mean, variance] = PER_CHANNEL.map((name) => options[name].buffer);
  const followed = { activation, slope };
  const apply = (statistics: kernels.BatchNormStatistics | kernels.RunningStatistics) =>
    kernels.batchNormApply(x.buffer, statistics, gamma, beta, { rows, channels, ...followed });
  if (!training && !isGradEnabled()) return new Tensor(apply({ mean, variance, eps }), x.shape);
  const statistics = training
    ? kernels.batchNormStatistics(x.buffer, mean, variance, { rows, channels, eps, momentum })
    : own(mean, variance, eps);
  const saved = { x: x.buffer, ...statistics, weight: gamma, bias: beta, ...followed };
  return record('batchNorm2d', {
    inputs: [x, weight, bias],
    output: apply(statistics),
    shape: x.shape,
    settings: options,
    saved: [saved.x, saved.mean, saved.invstd, gamma, beta],
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
