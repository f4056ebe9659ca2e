import { classCounts } from '../class_counts.ts';
import { epochGenerator, WEIGHTED_DRAWS_STREAM } from '../random_streams.ts';
import { AliasTable } from './alias_table.ts';
import type { SampledSet, Sampler } from './sampler.ts';
import { weightedSampler } from './weighted_sampler.ts';

/**
 * Draws with replacement as many images as there are, a class in proportion to n^rate of its n images, and the images of a class alike: rate 0 draws the
 * classes alike ('balanced'), ½ by the square roots of their sizes, 1 as often as they have images.
 * Source of the square root: Mahajan et al., "Exploring the limits of weakly supervised pretraining", ECCV 2018.
 */
export function classRateSampler({ labels, classes, seed }: SampledSet, rate: number): Sampler {
  const counts = classCounts(labels, classes);
  return weightedSampler({ weights: Float64Array.from(labels, (label) => 1 / counts[label] ** (1 - rate)), seed });
}

/**
 * Draws as many images as there are, at first each alike, and from epoch to epoch the classes more alike: in epoch t of T a class with the probability
 * (1 − t/T) · n/N + t/T · 1/C.
 * Source: Kang et al., "Decoupling representation and classifier for long-tailed recognition", ICLR 2020, equation 2.
 */
export function progressivelyBalancedSampler({ labels, classes, seed }: SampledSet, epochs: number): Sampler {
  const counts = classCounts(labels, classes);
  const present = counts.filter((count) => count > 0).length;
  const count = labels.length;
  return {
    count,
    epochOrder(epoch) {
      const generator = epochGenerator(WEIGHTED_DRAWS_STREAM, seed, epoch);
      const share = Math.min(1, epoch / epochs);
      const weights = Float64Array.from(labels, (label) => (1 - share) / count + share / (present * counts[label]));
      const table = new AliasTable(weights);
      return Uint32Array.from({ length: count }, () => table.draw(generator));
    },
  };
}
