import type { Sampler } from './sampler.ts';
import { weightedSampler } from './weighted_sampler.ts';

/** How hard each image is, and how much of the draws goes by it. */
export interface HardExampleOptions {
  /** [N]: loss of each image under the model so far, from 0. */
  losses: ArrayLike<number>;
  /** Share of the draws that takes all images alike, so that none is forgotten: above 0, to 1. Default 0.5. */
  uniform?: number;
  seed: number;
}

/**
 * Hard-example mining: as many draws as there are images, with replacement, a share of them among all images alike and the others in proportion to
 * the loss. The losses are those of one model, so an epoch's order depends on them, the seed and the epoch alone.
 * @throws RangeError for a share out of range or a loss that is negative or not finite.
 * Source: Shrivastava, Gupta, Girshick, "Training region-based object detectors with online hard example mining", CVPR 2016, here by weights.
 */
export function hardExampleSampler({ losses, uniform = 0.5, seed }: HardExampleOptions): Sampler {
  if (!(uniform > 0 && uniform <= 1)) {
    throw new RangeError(`Hard examples: the uniform share must be above 0 and at most 1, not ${uniform}.`);
  }
  const count = losses.length;
  let sum = 0;
  for (let i = 0; i < count; i++) {
    if (!(losses[i] >= 0 && Number.isFinite(losses[i]))) {
      throw new RangeError(`Hard examples: a loss must be a number from 0; that of image ${i} is ${losses[i]}.`);
    }
    sum += losses[i];
  }
  const byLoss = sum > 0 ? (1 - uniform) / sum : 0;
  return weightedSampler({ weights: Float64Array.from(losses, (loss) => uniform / count + byLoss * loss), seed });
}
