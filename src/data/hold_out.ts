import { classMembers } from './class_counts.ts';
import { epochGenerator, HOLD_OUT_STREAM } from './random_streams.ts';

/** A training set in two parts; see `holdOut`. */
export interface HoldOut {
  /** Positions to train on, in ascending order. */
  fit: Uint32Array;
  /** Positions to choose by: thresholds, groups, pairs to draw. In ascending order. */
  validation: Uint32Array;
}

/**
 * Parts a training set in two, each class by the same share, drawn at random: what is chosen on the validation part is not chosen on the test set.
 * A class of two samples or more has at least one in either part; a single one is trained on.
 *
 * labels: [N], each below `classes`. share: of the validation part, above 0 and below 1. stream: of random numbers, one for each use.
 * @throws RangeError for a share out of range.
 */
export function holdOut(
  labels: ArrayLike<number>,
  { classes, share, seed, stream = HOLD_OUT_STREAM }: { classes: number; share: number; seed: number; stream?: number },
): HoldOut {
  if (!(share > 0 && share < 1)) throw new RangeError(`holdOut: the share must be above 0 and below 1, not ${share}.`);
  const isValidation = new Uint8Array(labels.length);
  classMembers(labels, classes).forEach((positions, c) => {
    const most = positions.length - 1;
    const count = Math.min(most, Math.max(1, Math.round(share * positions.length)));
    const drawn = epochGenerator(stream, seed, c).shuffle(positions.slice()).subarray(0, Math.max(0, count));
    for (const position of drawn) isValidation[position] = 1;
  });
  const all = Uint32Array.from({ length: labels.length }, (_, i) => i);
  return { fit: all.filter((i) => isValidation[i] === 0), validation: all.filter((i) => isValidation[i] === 1) };
}
