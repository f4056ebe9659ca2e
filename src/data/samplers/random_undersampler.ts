import { classMembers } from '../class_counts.ts';
import { epochGenerator, UNDERSAMPLING_STREAM } from '../random_streams.ts';
import type { SampledSet, Sampler } from './sampler.ts';

/**
 * Random undersampling: of each class as many images as the smallest one has, drawn without replacement, anew in each epoch. A class without
 * images does not count as the smallest.
 */
export function randomUndersampler({ labels, classes, seed }: SampledSet): Sampler {
  const members = classMembers(labels, classes).filter((positions) => positions.length > 0);
  const smallest = members.length === 0 ? 0 : Math.min(...members.map((positions) => positions.length));
  const count = smallest * members.length;
  return {
    count,
    epochOrder(epoch) {
      const generator = epochGenerator(UNDERSAMPLING_STREAM, seed, epoch);
      const order = new Uint32Array(count);
      members.forEach((positions, present) => {
        const drawn = generator.shuffle(positions.slice()).subarray(0, smallest);
        order.set(drawn, present * smallest);
      });
      return generator.shuffle(order);
    },
  };
}
