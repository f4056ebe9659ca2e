import { EPOCH_ORDER_STREAM, epochGenerator } from '../random_streams.ts';
import type { SampledSet, Sampler } from './sampler.ts';

/** Every image once, in random order. */
export class ShuffledSampler implements Sampler {
  readonly count: number;
  #seed: number;

  constructor({ labels, seed }: Pick<SampledSet, 'labels' | 'seed'>) {
    this.count = labels.length;
    this.#seed = seed;
  }

  epochOrder(epoch: number): Uint32Array {
    const order = Uint32Array.from({ length: this.count }, (_, position) => position);
    return epochGenerator(EPOCH_ORDER_STREAM, this.#seed, epoch).shuffle(order);
  }
}
