import type { Sampler } from './sampler.ts';

/**
 * Another sampler's epochs, one after the other, cut into epochs of `count` draws: so that samplers with few or many draws an epoch can be
 * compared over trainings of equal length.
 */
export function fixedLengthSampler(sampler: Sampler, count: number): Sampler {
  const each = sampler.count;
  if (each === 0) throw new RangeError('A sampler without draws cannot fill an epoch.');
  return {
    count,
    epochOrder(epoch) {
      const order = new Uint32Array(count);
      // `at` counts draws from the first epoch's beginning.
      for (let at = epoch * count; at < (epoch + 1) * count; ) {
        const drawn = sampler.epochOrder(Math.floor(at / each));
        const part = drawn.subarray(at % each).subarray(0, (epoch + 1) * count - at);
        order.set(part, at - epoch * count);
        at += part.length;
      }
      return order;
    },
  };
}
