import { epochGenerator, WEIGHTED_DRAWS_STREAM } from '../random_streams.ts';
import { AliasTable } from './alias_table.ts';
import type { Sampler } from './sampler.ts';

/** How likely each image is to be drawn. */
export interface WeightedSamplerOptions {
  /** [N]: an image is drawn in proportion to its weight; 0 is never drawn. */
  weights: ArrayLike<number>;
  /** Draws in an epoch. Default: N. */
  count?: number;
  seed: number;
}

/**
 * Draws with replacement, each image in proportion to its weight, as PyTorch's WeightedRandomSampler.
 * @throws RangeError for a weight that is negative or not finite, where all are 0, and for a count that is not a whole number from 1.
 */
export function weightedSampler({ weights, count = weights.length, seed }: WeightedSamplerOptions): Sampler {
  if (!Number.isSafeInteger(count) || count < 1) {
    throw new RangeError(`Weighted draws: there must be a whole number of them, at least 1, not ${count}.`);
  }
  const table = new AliasTable(weights);
  return {
    count,
    epochOrder(epoch) {
      const generator = epochGenerator(WEIGHTED_DRAWS_STREAM, seed, epoch);
      return Uint32Array.from({ length: count }, () => table.draw(generator));
    },
  };
}
