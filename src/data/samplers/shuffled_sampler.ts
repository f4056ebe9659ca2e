import { EPOCH_ORDER_STREAM, epochGenerator } from '../random_streams.ts';
import type { SampledSet, Sampler } from './sampler.ts';

/** Every image once, in random order. */
export function shuffledSampler({ labels, seed }: Pick<SampledSet, 'labels' | 'seed'>): Sampler {
  return {
    count: labels.length,
    epochOrder(epoch) {
      const order = Uint32Array.from(labels, (_, position) => position);
      return epochGenerator(EPOCH_ORDER_STREAM, seed, epoch).shuffle(order);
    },
  };
}
