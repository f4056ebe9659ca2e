import type { ClassificationMetrics } from './classification.ts';

/** The five scores by which the lab compares trainings, from 0 to 1; precision, recall, F1 and ROC-AUC weighted by support. */
export const SCORE_NAMES = ['accuracy', 'precision', 'recall', 'f1', 'rocAuc'] as const;
/** One of the five scores. */
export type ScoreName = (typeof SCORE_NAMES)[number];

/** How they are written. */
export const SCORE_LABELS: Readonly<Record<ScoreName, string>> = {
  accuracy: 'accuracy',
  precision: 'precision',
  recall: 'recall',
  f1: 'F1',
  rocAuc: 'ROC-AUC',
};

/** null: not defined, as ROC-AUC where a class has no test image. */
export type Scores = Record<ScoreName, number | null>;

/** The five scores of predictions; precision, recall, F1 and ROC-AUC weighted by support. */
export function scoresOf({ accuracy, precision, recall, f1, rocAuc }: ClassificationMetrics): Scores {
  return { accuracy, precision, recall, f1, rocAuc };
}

/** Mean of each score over repetitions, and their standard deviation (of a sample: n − 1), which one repetition has not. */
export function meanScores(repeats: readonly Scores[]): { mean: Scores; deviation: Scores | null } {
  const each = (of: (values: number[]) => number): Scores => {
    const scores = SCORE_NAMES.map((name) => {
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
