/** counts[true class][predicted class]. */
export type ConfusionMatrix = number[][];

/**
 * Confusion matrix [C, C]: rows are true classes, columns predicted ones, as scikit-learn's `confusion_matrix` with labels 0 … C−1.
 *
 * targets, predictions: [N], each a class.
 * @throws RangeError for no samples, lengths that differ, or a value that is not a class.
 */
export function confusionMatrix(
  targets: ArrayLike<number>,
  predictions: ArrayLike<number>,
  classes: number,
): ConfusionMatrix {
  if (targets.length !== predictions.length) {
    throw new RangeError(
      `confusionMatrix: ${targets.length} targets and ${predictions.length} predictions; expected as many of each.`,
    );
  }
  checkClasses('confusionMatrix', 'target', targets, classes);
  checkClasses('confusionMatrix', 'prediction', predictions, classes);
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (let sample = 0; sample < targets.length; sample++) counts[targets[sample]][predictions[sample]]++;
  return counts;
}

/** @throws RangeError for no samples or a value that is not a whole number from 0 to classes − 1. */
export function checkClasses(metric: string, what: string, values: ArrayLike<number>, classes: number): void {
  if (values.length === 0) throw new RangeError(`${metric}: no samples to measure.`);
  for (let sample = 0; sample < values.length; sample++) {
    const value = values[sample];
    if (!Number.isInteger(value) || value < 0 || value >= classes) {
      throw new RangeError(`${metric}: ${what} ${sample} is ${value}, expected a class from 0 to ${classes - 1}.`);
    }
  }
}

/** Samples of each true class. */
export function supports(confusion: ConfusionMatrix): number[] {
  return confusion.map((row) => row.reduce((sum, count) => sum + count, 0));
}

/** Each row divided by its sum, as rates of the true class; a row of a class without samples stays zero. */
export function rowNormalized(confusion: ConfusionMatrix): number[][] {
  const totals = supports(confusion);
  return confusion.map((row, truth) => row.map((count) => (totals[truth] > 0 ? count / totals[truth] : 0)));
}

/** A class that is taken for another. */
export interface ConfusedPair {
  truth: number;
  predicted: number;
  count: number;
  /** Count over the samples of the true class. */
  rate: number;
}

/** The ordered pairs of different classes confused most often, by count, then rate, then class numbers; pairs never confused left out. */
export function topConfusedPairs(confusion: ConfusionMatrix, limit = 10): ConfusedPair[] {
  const totals = supports(confusion);
  return confusion
    .flatMap((row, truth) => row.map((count, predicted) => ({ truth, predicted, count, rate: count / totals[truth] })))
    .filter(({ truth, predicted, count }) => truth !== predicted && count > 0)
    .sort((a, b) => b.count - a.count || b.rate - a.rate || a.truth - b.truth || a.predicted - b.predicted)
    .slice(0, limit);
}
