import { classMembers } from '../class_counts.ts';
import { epochGenerator, OVERSAMPLING_STREAM } from '../random_streams.ts';
import type { SampledSet, Sampler } from './sampler.ts';

/**
 * Random oversampling: every image once, and each class filled up to the largest one's count by draws with replacement from its own images,
 * as imbalanced-learn's RandomOverSampler; drawn anew in each epoch. A class without images stays without.
 */
export function randomOversampler({ labels, classes, seed }: SampledSet): Sampler {
  const members = classMembers(labels, classes).filter((positions) => positions.length > 0);
  const largest = Math.max(0, ...members.map((positions) => positions.length));
  const count = largest * members.length;
  return {
    count,
    epochOrder(epoch) {
      const generator = epochGenerator(OVERSAMPLING_STREAM, seed, epoch);
      const order = new Uint32Array(count);
      members.forEach((positions, present) => {
        const first = present * largest;
        order.set(positions, first);
        for (let i = positions.length; i < largest; i++) {
          order[first + i] = positions[generator.below(positions.length)];
        }
      });
      return generator.shuffle(order);
    },
  };
}
