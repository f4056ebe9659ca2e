import type { Sampler } from './sampler.ts';

/**
 * One sampler's epochs up to `from`, counted from 0, and another's from there on: deferred re-sampling (DRS).
 * Throws RangeError where their epochs have different lengths.
 */
export function deferredSampler(before: Sampler, after: Sampler, from: number): Sampler {
  if (before.count !== after.count) {
    throw new RangeError(
      `Deferred re-sampling: epochs of ${before.count} and of ${after.count} draws do not go together.`,
    );
  }
  return { count: before.count, epochOrder: (epoch) => (epoch < from ? before : after).epochOrder(epoch) };
}
