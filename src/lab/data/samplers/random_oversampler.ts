import { classMembers } from '../class_counts.ts';
import { epochGenerator, OVERSAMPLING_STREAM } from '../random_streams.ts';
import type { SampledSet, Sampler } from './sampler.ts';

/**
 * Random oversampling: every image once, and each class filled up to the largest one's count by draws with replacement from its own images,
 * as imbalanced-learn's RandomOverSampler; drawn anew in each epoch. A class without images stays without.
 */
export class RandomOversampler implements Sampler {
  readonly count: number;
  #members: Uint32Array[];
  #largest: number;
  #seed: number;

  constructor({ labels, classes, seed }: SampledSet) {
    this.#members = classMembers(labels, classes).filter((positions) => positions.length > 0);
    this.#largest = Math.max(0, ...this.#members.map((positions) => positions.length));
    this.count = this.#largest * this.#members.length;
    this.#seed = seed;
  }

  epochOrder(epoch: number): Uint32Array {
    const generator = epochGenerator(OVERSAMPLING_STREAM, this.#seed, epoch);
    const order = new Uint32Array(this.count);
    this.#members.forEach((positions, present) => {
      const first = present * this.#largest;
      order.set(positions, first);
      for (let i = positions.length; i < this.#largest; i++) {
        order[first + i] = positions[generator.below(positions.length)];
      }
    });
    return generator.shuffle(order);
  }
}
