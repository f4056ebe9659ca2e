import { type ConfusionMatrix, supports } from './confusion.ts';

/** Precision, recall and F1, from 0 to 1. */
export interface PrecisionRecallF1 {
  precision: number;
  recall: number;
  f1: number;
}

/** Precision, recall and F1 of a class. */
export interface ClassPrecisionRecallF1 extends PrecisionRecallF1 {
  /** Samples of the class. */
  support: number;
}

/** Precision, recall and F1 of each class, with their means. */
export interface PrecisionRecallF1Report {
  perClass: ClassPrecisionRecallF1[];
  /** Means over all classes, those without samples included with their zeros. */
  macro: PrecisionRecallF1;
  /** Means weighted by support. */
  weighted: PrecisionRecallF1;
}

/**
 * Precision, recall and F1 of each class and their means, as scikit-learn's `precision_recall_fscore_support` with labels 0 … C−1 and
 * `zero_division=0`: what would divide by zero is 0.
 */
export function precisionRecallF1(confusion: ConfusionMatrix): PrecisionRecallF1Report {
  const totals = supports(confusion);
  const perClass = confusion.map((row, index): ClassPrecisionRecallF1 => {
    const predicted = confusion.reduce((sum, other) => sum + other[index], 0);
    const precision = ratio(row[index], predicted);
    const recall = ratio(row[index], totals[index]);
    return { precision, recall, f1: ratio(2 * precision * recall, precision + recall), support: totals[index] };
  });
  return {
    perClass,
    macro: mean(perClass, () => 1),
    weighted: mean(perClass, ({ support }) => support),
  };
}

function ratio(numerator: number, denominator: number): number {
  return denominator > 0 ? numerator / denominator : 0;
}

function mean(
  perClass: readonly ClassPrecisionRecallF1[],
  weight: (of: ClassPrecisionRecallF1) => number,
): PrecisionRecallF1 {
  const total = perClass.reduce((sum, of) => sum + weight(of), 0);
  const over = (key: keyof PrecisionRecallF1) => perClass.reduce((sum, of) => sum + weight(of) * of[key], 0) / total;
  return { precision: over('precision'), recall: over('recall'), f1: over('f1') };
}
