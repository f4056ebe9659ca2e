import { classMembers } from '../class_counts.ts';
import { epochGenerator, UNDERSAMPLING_STREAM } from '../random_streams.ts';
import type { SampledSet, Sampler } from './sampler.ts';

/**
 * Random undersampling: of each class as many images as the smallest one has, drawn without replacement, anew in each epoch. A class without
 * images does not count as the smallest.
 */
export class RandomUndersampler implements Sampler {
  readonly count: number;
  #members: Uint32Array[];
  #smallest: number;
  #seed: number;

  constructor({ labels, classes, seed }: SampledSet) {
    this.#members = classMembers(labels, classes).filter((positions) => positions.length > 0);
    this.#smallest = this.#members.length === 0 ? 0 : Math.min(...this.#members.map((positions) => positions.length));
    this.count = this.#smallest * this.#members.length;
    this.#seed = seed;
  }

  epochOrder(epoch: number): Uint32Array {
    const generator = epochGenerator(UNDERSAMPLING_STREAM, this.#seed, epoch);
    const order = new Uint32Array(this.count);
    this.#members.forEach((positions, present) => {
      const drawn = generator.shuffle(positions.slice()).subarray(0, this.#smallest);
      order.set(drawn, present * this.#smallest);
    });
    return generator.shuffle(order);
  }
}
