import { UserError } from '../../runtime/errors.ts';
import { classRateSampler, progressivelyBalancedSampler } from './class_rate_sampler.ts';
import { randomOversampler } from './random_oversampler.ts';
import { randomUndersampler } from './random_undersampler.ts';
import type { SampledSet, Sampler } from './sampler.ts';
import { shuffledSampler } from './shuffled_sampler.ts';

export type { SampledSet, Sampler } from './sampler.ts';

/** How training images are chosen. 'smote' shuffles as 'none' does, a set that `smoteImages` has extended. */
export const SAMPLER_NAMES = [
  'none',
  'random-oversampling',
  'random-undersampling',
  'balanced',
  'smote',
  'square-root',
  'progressively-balanced',
] as const;
/** A sampler that `createSampler` knows. */
export type SamplerName = (typeof SAMPLER_NAMES)[number];

/** Draws with replacement as many images as there are, each with weight 1 / (images of its class), so that the classes are drawn alike. */
export function balancedSampler(set: SampledSet): Sampler {
  return classRateSampler(set, 0);
}

/**
 * The sampler of a name for images with these labels.
 * @throws UserError for a name that is none. @throws RangeError for a label that is no class, or where there are no images.
 */
export function createSampler(name: SamplerName, set: SampledSet): Sampler {
  const wrong = Array.prototype.findIndex.call(set.labels, (label) => label >= set.classes);
  if (wrong >= 0) {
    throw new RangeError(
      `A sampler for ${set.classes} classes was given label ${set.labels[wrong]} for image ${wrong}.`,
    );
  }
  if (set.labels.length === 0) throw new RangeError('A sampler needs at least one image.');
  switch (name) {
    case 'none':
    case 'smote':
      return shuffledSampler(set);
    case 'random-oversampling':
      return randomOversampler(set);
    case 'random-undersampling':
      return randomUndersampler(set);
    case 'balanced':
      return balancedSampler(set);
    case 'square-root':
      return classRateSampler(set, 0.5);
    case 'progressively-balanced':
      return progressivelyBalancedSampler(set, set.epochs ?? 1);
    default:
      throw new UserError(`There is no sampler "${name}": choose one of ${SAMPLER_NAMES.join(', ')}.`);
  }
}
