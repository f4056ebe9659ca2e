import { checkClasses } from './confusion.ts';

/** A score of each class against all others, and its means. */
export interface OneVsRest {
  /** NaN for a class for which the score is not defined. */
  perClass: number[];
  /** Means over the classes with a score; NaN where there is none. Weights are the samples of each class. */
  macro: number;
  weighted: number;
  /** A sentence for each class left out. */
  notes: string[];
}

/**
 * Applies a two-class score to each class against the rest.
 *
 * targets: [N]. scores: [N, C]. score: gets a class's column of scores, which of the samples are of the class, and their number; returns
 * the score, or why there is none.
 * @throws RangeError for no samples, a target that is no class, scores of another size, or a score that is not finite.
 */
export function oneVsRest(
  metric: string,
  targets: ArrayLike<number>,
  scores: Float32Array,
  classes: number,
  score: (column: Float32Array, isPositive: Uint8Array, positives: number) => number | string,
): OneVsRest {
  checkClasses(metric, 'target', targets, classes);
  checkScores(metric, targets.length, scores, classes);
  const count = targets.length;
  const perClass: number[] = [];
  const support: number[] = [];
  const notes: string[] = [];
  const column = new Float32Array(count);
  const isPositive = new Uint8Array(count);
  for (let index = 0; index < classes; index++) {
    let positives = 0;
    for (let sample = 0; sample < count; sample++) {
      column[sample] = scores[sample * classes + index];
      isPositive[sample] = targets[sample] === index ? 1 : 0;
      positives += isPositive[sample];
    }
    const result = score(column, isPositive, positives);
    if (typeof result === 'string') notes.push(`${metric} leaves class ${index} out of its means: ${result}.`);
    perClass.push(typeof result === 'string' ? Number.NaN : result);
    support.push(positives);
  }
  const defined = perClass.flatMap((value, index) => (Number.isNaN(value) ? [] : [{ value, weight: support[index] }]));
  const totalWeight = defined.reduce((sum, { weight }) => sum + weight, 0);
  return {
    perClass,
    // No class has a score: 0 / 0 is the NaN wanted.
    macro: defined.reduce((sum, { value }) => sum + value, 0) / defined.length,
    weighted: defined.reduce((sum, { value, weight }) => sum + value * weight, 0) / totalWeight,
    notes,
  };
}

/** @throws RangeError for scores that are not [count, classes] or not finite. */
export function checkScores(metric: string, count: number, scores: Float32Array, classes: number): void {
  if (scores.length !== count * classes) {
    throw new RangeError(
      `${metric}: ${scores.length} probabilities, expected ${count} samples × ${classes} classes = ${count * classes}.`,
    );
  }
  const wrong = scores.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) {
    throw new RangeError(
      `${metric}: the probability of sample ${Math.floor(wrong / classes)}, class ${wrong % classes} is ${scores[wrong]}: ` +
        'the model has diverged or its input is not finite.',
    );
  }
}

/** Samples by descending score; equal scores in the order of the samples. */
export function descendingOrder(column: Float32Array): Uint32Array {
  return Uint32Array.from(column.keys()).sort((a, b) => column[b] - column[a] || a - b);
}
