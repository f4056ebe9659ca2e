import { UserError } from '../runtime/errors.ts';
import { Philox } from '../runtime/philox.ts';
import { classCounts, classMembers } from './class_counts.ts';
import { LONG_TAIL_STREAM } from './random_streams.ts';

/** How class sizes can fall: exponentially from class to class, or all at once in the middle. */
export const IMBALANCE_TYPES = ['long-tail', 'step'] as const;

/** Which of a class's samples can be kept. */
export const TAIL_IMAGES = ['random', 'first'] as const;

/** How long the tail is. */
export interface LongTailOptions {
  classes: number;
  /** Samples of class 0: a whole number from 1. */
  max: number;
  /** Samples of the first class over samples of the last: a number from 1. */
  ratio: number;
  seed: number;
  /** How the sizes fall from the first class to the last. Default 'long-tail'. */
  type?: (typeof IMBALANCE_TYPES)[number];
  /** Which of a class's samples are kept: drawn at random by the seed, or its first ones. Default 'random'. */
  images?: (typeof TAIL_IMAGES)[number];
}

/** A long-tailed subset; see `longTail`. */
export interface LongTail {
  /** The samples kept, as ascending positions in the split. */
  indices: Uint32Array;
  /** Samples kept of each class. */
  counts: number[];
  /** The largest of the counts over the smallest, classes without a sample left out. */
  measuredRatio: number;
  /** Sentences on where the tail differs from what was asked. */
  notes: string[];
}

/**
 * Exponentially falling class sizes: class i of C has int(max · ratio^(−i/(C−1))) samples, and at least one.
 * Evaluated in float64 as Python does, also where the exact share is a whole number and its float64 an ulp below: 1024, 512, i 5 of 10 gives
 * 31, not 32.
 *
 * Source: Cui et al., "Class-Balanced Loss Based on Effective Number of Samples", CVPR 2019, section 5.1.
 */
export function longTailCounts(classes: number, max: number, ratio: number): number[] {
  return Array.from({ length: classes }, (_, index) => {
    const position = classes > 1 ? index / (classes - 1) : 0;
    return Math.max(1, Math.floor(max * ratio ** -position));
  });
}

/**
 * Two class sizes: the first half of the classes has max samples, the other half, with the class in the middle, int(max / ratio), and at least one.
 *
 * Source: Buda et al., "A systematic study of the class imbalance problem in convolutional neural networks", Neural Networks 106, 2018 (step imbalance).
 */
export function stepCounts(classes: number, max: number, ratio: number): number[] {
  const few = Math.max(1, Math.floor(max / ratio));
  return Array.from({ length: classes }, (_, index) => (index < Math.floor(classes / 2) ? max : few));
}

/** Class sizes scaled down together so that the largest is `max`, each at least one; as they are where that is not fewer. */
export function scaledCounts(counts: readonly number[], max: number): number[] {
  const largest = Math.max(...counts);
  if (max >= largest) return [...counts];
  return counts.map((count) => (count === 0 ? 0 : Math.max(1, Math.round((count * max) / largest))));
}

/**
 * All samples, or, where the largest class is to have fewer, a subset drawn without replacement in which the classes keep their proportions.
 *
 * labels: [N], each below `classes`. @throws UserError for a max that is not a whole number from 1.
 */
export function naturalTail(
  labels: ArrayLike<number>,
  { classes, max, seed, images }: Omit<LongTailOptions, 'ratio' | 'type'>,
): LongTail {
  checkMax(max);
  return drawn(labels, scaledCounts(classCounts(labels, classes), max), { seed, images }, []);
}

/**
 * Draws a long-tailed subset without replacement, or takes the first samples of each class. The same labels, options and seed give the same subset, and for one seed a class's
 * smaller share is part of its larger one.
 *
 * Where `max` is more than the largest class holds it is lowered to that, so that the tail keeps its shape; a class that has fewer samples
 * than its share gives all it has. Both are said in `notes`.
 *
 * labels: [N], each below `classes`.
 * @throws UserError for a ratio below 1 or a max that is not a whole number from 1.
 */
export function longTail(labels: ArrayLike<number>, options: LongTailOptions): LongTail {
  const { classes, max, ratio, type = 'long-tail' } = options;
  if (!(Number.isFinite(ratio) && ratio >= 1)) {
    throw new UserError(`The imbalance ratio is ${ratio}: it must be a number from 1 (balanced) upwards.`);
  }
  checkMax(max);
  const available = classCounts(labels, classes);
  const largest = Math.max(...available);
  const notes: string[] = [];
  if (max > largest) {
    notes.push(
      `The largest class has ${largest} samples, fewer than the ${max} asked for: the tail starts at ${largest}.`,
    );
  }
  const countsOf = type === 'step' ? stepCounts : longTailCounts;
  const shares = countsOf(classes, Math.min(max, largest), ratio);
  for (const [index, count] of available.entries()) {
    if (count >= shares[index]) continue;
    notes.push(`Class ${index} has ${count} samples, fewer than its share of ${shares[index]}: all are taken.`);
  }
  return drawn(labels, shares, options, notes);
}

function checkMax(max: number): void {
  if (Number.isSafeInteger(max) && max >= 1) return;
  throw new UserError(`The largest class is to have ${max} samples: it must be a whole number from 1 upwards.`);
}

/** Draws each class's share, or all it has. */
function drawn(
  labels: ArrayLike<number>,
  shares: readonly number[],
  { seed, images = 'random' }: Pick<LongTailOptions, 'seed' | 'images'>,
  notes: string[],
): LongTail {
  const kept = classMembers(labels, shares.length).map((samples, index) => {
    const inOrder = images === 'first' ? samples : new Philox(seed, LONG_TAIL_STREAM + index).shuffle(samples);
    return inOrder.subarray(0, shares[index]);
  });
  const counts = kept.map((samples) => samples.length);
  const indices = new Uint32Array(counts.reduce((sum, count) => sum + count, 0));
  let offset = 0;
  for (const samples of kept) {
    indices.set(samples, offset);
    offset += samples.length;
  }
  const present = counts.filter((count) => count > 0);
  return { indices: indices.sort(), counts, measuredRatio: Math.max(...present) / Math.min(...present), notes };
}
