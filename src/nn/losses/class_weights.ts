/** Settings of `classWeights`. */
export interface ClassWeightsOptions {
  /** Of 'effective-number': from 0, where all classes weigh alike, to 1, where they weigh as with 'inverse'. Default 0.9999. */
  beta?: number;
  /** Scale the weights so that they add up to the number of classes. Default true. */
  scaled?: boolean;
}

/** Throws RangeError where counts are not those of at least one class, whole or weighted numbers from 0, not all of them 0. */
export function checkCounts(operation: string, counts: ArrayLike<number>): void {
  let total = 0;
  for (let c = 0; c < counts.length; c++) {
    if (!(counts[c] >= 0 && counts[c] < Number.POSITIVE_INFINITY)) {
      throw new RangeError(`${operation}: class ${c} has ${counts[c]} samples; a count is a number from 0.`);
    }
    total += counts[c];
  }
  if (total === 0) throw new RangeError(`${operation}: counts of ${counts.length} classes hold no sample.`);
}

/**
 * Weights of classes by their sizes, so that rare ones count for more: 1 / n ('inverse'), 1 / √n ('inverse-square-root'), or
 * (1 − β) / (1 − βⁿ) ('effective-number'),
 * scaled to add up to the number of classes. A class without samples weighs 0.
 * counts: samples of each class. Throws RangeError for counts that are no sizes and for β outside 0 … 1.
 * Source of the effective number: Cui et al., "Class-balanced loss based on effective number of samples", CVPR 2019.
 */
export function classWeights(
  counts: ArrayLike<number>,
  scheme: 'inverse' | 'inverse-square-root' | 'effective-number',
  { beta = 0.9999, scaled = true }: ClassWeightsOptions = {},
): number[] {
  checkCounts('classWeights', counts);
  if (!(beta >= 0 && beta <= 1)) throw new RangeError(`classWeights: beta must be from 0 to 1, not ${beta}.`);
  // (1 − β) / (1 − βⁿ) tends to 1 / n as β tends to 1.
  const inverse = scheme === 'inverse' || beta === 1;
  const weights = Array.from(counts, (n) => {
    if (n === 0) return 0;
    if (scheme === 'inverse-square-root') return 1 / Math.sqrt(n);
    return inverse ? 1 / n : (1 - beta) / (1 - beta ** n);
  });
  if (!scaled) return weights;
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => (weight * weights.length) / total);
}
