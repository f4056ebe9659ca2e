import type { ClassificationMetrics } from './classification.ts';

/** The five scores by which trainings are compared on a balanced test set, from 0 to 1; precision, recall, F1 and ROC-AUC weighted by support. */
export const SCORE_NAMES = ['accuracy', 'precision', 'recall', 'f1', 'rocAuc'] as const;

/** Scores in which each class weighs the same: where some classes have more test images than others, they say most. */
const EVEN_SCORES = ['balancedAccuracy', 'macroF1'] as const;

/** A score by which trainings are compared. */
export type ScoreName = (typeof SCORE_NAMES)[number] | (typeof EVEN_SCORES)[number];

/** All scores, those first that weigh each class the same. */
const ALL_SCORES: readonly ScoreName[] = [...EVEN_SCORES, ...SCORE_NAMES];

/** The scores to show, the most telling first. imbalanced: whether some classes have more test images than others. */
export function scoreNames(imbalanced: boolean): readonly ScoreName[] {
  return imbalanced ? ALL_SCORES : SCORE_NAMES;
}

/** The scores that say most of all predictions together, and of precision and recall together; see `scoreNames`. */
export function leadingScores(imbalanced: boolean): { overall: ScoreName; f1: ScoreName } {
  return imbalanced ? { overall: 'balancedAccuracy', f1: 'macroF1' } : { overall: 'accuracy', f1: 'f1' };
}

/** How they are written. */
export const SCORE_LABELS: Readonly<Record<ScoreName, string>> = {
  balancedAccuracy: 'balanced accuracy',
  macroF1: 'macro F1',
  accuracy: 'accuracy',
  precision: 'precision',
  recall: 'recall',
  f1: 'F1',
  rocAuc: 'ROC-AUC',
};

/** null: not defined, as ROC-AUC where a class has no test image. */
export type Scores = Record<ScoreName, number | null>;

/** The scores of predictions; precision, recall, F1 and ROC-AUC weighted by support. */
export function scoresOf({ balancedAccuracy, macro, ...metrics }: ClassificationMetrics): Scores {
  const { accuracy, precision, recall, f1, rocAuc } = metrics;
  return { accuracy, precision, recall, f1, rocAuc, balancedAccuracy, macroF1: macro.f1 };
}

/** Mean of each score over repetitions, and their standard deviation (of a sample: n − 1), which one repetition has not. */
export function meanScores(repeats: readonly Scores[]): { mean: Scores; deviation: Scores | null } {
  const each = (of: (values: number[]) => number): Scores => {
    const scores = ALL_SCORES.map((name) => {
      const values = repeats.map((scores) => scores[name]).filter((value) => value !== null);
      return [name, values.length < repeats.length ? null : of(values)];
    });
    return Object.fromEntries(scores) as Scores;
  };
  return { mean: each(meanOf), deviation: repeats.length < 2 ? null : each(deviationOf) };
}

/** Mean of at least one value. */
function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Mean, or null where there is nothing. */
export function meanOrNull(values: readonly number[]): number | null {
  return values.length === 0 ? null : meanOf(values);
}

/** Standard deviation of at least two values, as of a sample: over n − 1. */
export function deviationOf(values: readonly number[]): number {
  const mean = meanOf(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
}
