import { Philox } from '../runtime/philox.ts';

/**
 * Streams of the seeded generator that the lab's data and features draw from. The upper 16 bits tell the use, the lower 16 the class or the
 * epoch, so that two uses of one seed never see the same numbers.
 */
export const LONG_TAIL_STREAM = 0x4c540000;
export const EPOCH_ORDER_STREAM = 0x454f0000;
export const OVERSAMPLING_STREAM = 0x4f530000;
export const UNDERSAMPLING_STREAM = 0x55530000;
export const WEIGHTED_DRAWS_STREAM = 0x57440000;
export const SMOTE_STREAM = 0x534d0000;
/** What is done to the foregrounds of images that are copied. */
export const MOVED_FOREGROUND_STREAM = 0x4d460000;
export const MIXING_STREAM = 0x4d580000;
/** What is kept back of each class to choose by. */
export const HOLD_OUT_STREAM = 0x484f0000;
/** What is kept back of a training to look at after each epoch. */
export const VALIDATION_STREAM = 0x564c0000;
/** What of a data set of one's own is set aside to test on. */
export const TEST_SHARE_STREAM = 0x54530000;
export const CURRICULUM_STREAM = 0x43550000;
export const CONFUSED_PAIRS_STREAM = 0x43500000;
/** Which images a network is pretrained on. */
export const PRETEXT_STREAM = 0x50580000;
/** First vectors of PCA's search for components. */
export const PCA_STREAM = 0x50430000;
/** UMAP's draws. */
export const UMAP_STREAM = 0x554d0000;

/** How many streams each use has. */
export const STREAMS_PER_USE = 0x10000;

/** The generator of a use in an epoch, counted from 0. Throws RangeError for an epoch that has no stream. */
export function epochGenerator(use: number, seed: number, epoch: number): Philox {
  if (!Number.isInteger(epoch) || epoch < 0 || epoch >= STREAMS_PER_USE) {
    throw new RangeError(`An epoch must be a whole number from 0 to ${STREAMS_PER_USE - 1}, not ${epoch}.`);
  }
  return new Philox(seed, use + epoch);
}
