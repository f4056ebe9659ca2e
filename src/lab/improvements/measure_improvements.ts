import { deviationOf, meanOrNull } from '../../metrics/scores.ts';
import type { Evaluation } from '../../train/evaluation.ts';
import { TrainingDiverged } from '../../train/training_task.ts';
import { percent } from '../terminal/text_table.ts';
import type { Improvement, ImprovementOutcome } from './improvement.ts';
import { evaluationsOf, type ImprovementTrial } from './improvement_trial.ts';

/** What improvements may be compared by, from 0 to 1. */
const ALL_COMPARED = ['balancedAccuracy', 'accuracy', 'macroF1', 'minorityRecall'] as const;
export type ComparedScore = (typeof ALL_COMPARED)[number];

/** What they are compared by: where some classes have more test images than others, first by what weighs each class the same. */
export function comparedNames(imbalanced: boolean): readonly ComparedScore[] {
  return imbalanced
    ? ['balancedAccuracy', 'macroF1', 'minorityRecall', 'accuracy']
    : ['accuracy', 'macroF1', 'minorityRecall'];
}

/** null: not defined, as the recall of classes of which no image was decided. */
export type ComparedScores = Record<ComparedScore, number | null>;

export const COMPARED_LABELS: Readonly<Record<ComparedScore, string>> = {
  balancedAccuracy: 'balanced accuracy',
  accuracy: 'accuracy',
  macroF1: 'macro F1',
  minorityRecall: 'minority recall',
};

/** Classes whose recall is the minority's. */
const MINORITY = 3;

/** An improvement beside the baseline; means over the repetitions with other seeds. */
export interface MeasuredImprovement {
  improvement: Improvement;
  /** null: its training diverged, for the reason in `note`. */
  outcome: ImprovementOutcome | null;
  scores: ComparedScores;
  differences: ComparedScores;
  /** Standard deviation of the differences over the repetitions (n − 1); null where there is one. */
  deviations: ComparedScores | null;
  /** Standard error of the accuracy's difference by the number of test images alone, each image compared with itself; null where others were decided. */
  standardError: number | null;
  note: string | undefined;
}

export interface Comparison {
  /** Those to show, the most telling first. */
  names: readonly ComparedScore[];
  /** The classes that count as the minority. */
  minority: number[];
  baseline: ComparedScores;
  measured: MeasuredImprovement[];
}

/** The classes with the fewest training images, three at most; of equal ones the first. Classes without images are left out. */
export function smallestClasses(counts: readonly number[]): number[] {
  return [...counts.keys()]
    .filter((c) => counts[c] > 0)
    .sort((a, b) => counts[a] - counts[b] || a - b)
    .slice(0, MINORITY)
    .sort((a, b) => a - b);
}

export function comparedScores({ metrics }: Evaluation, minority: readonly number[]): ComparedScores {
  const recalls = minority.flatMap((c) => (metrics.perClass[c].support > 0 ? [metrics.perClass[c].recall] : []));
  const { balancedAccuracy, accuracy, macro } = metrics;
  return { balancedAccuracy, accuracy, macroF1: macro.f1, minorityRecall: meanOrNull(recalls) };
}

/**
 * Standard error of the difference between two accuracies on the same images: of those that only one of the two gets right, b and c of N, it is
 * √(b + c − (b − c)² / N) / N. As McNemar's test counts them.
 */
export function pairedStandardError(a: Evaluation, b: Evaluation): number | null {
  const count = a.targets.length;
  if (b.targets.length !== count) return null;
  let [onlyA, onlyB] = [0, 0];
  for (let i = 0; i < count; i++) {
    const [rightA, rightB] = [a.predictions[i] === a.targets[i], b.predictions[i] === b.targets[i]];
    if (rightA && !rightB) onlyA++;
    if (rightB && !rightA) onlyB++;
  }
  return Math.sqrt(onlyA + onlyB - (onlyA - onlyB) ** 2 / count) / count;
}

/** Runs improvements one after the other and compares each with the baseline. One whose training diverges has no scores, and the others go on. */
export async function measureImprovements(
  trial: ImprovementTrial,
  improvements: readonly Improvement[],
): Promise<Comparison> {
  const { say, data } = trial.context;
  const names = comparedNames(data.testIsImbalanced);
  const minority = smallestClasses(trial.data.counts);
  const before = evaluationsOf(await trial.baseline());
  const baseline = meanScores(before.map((evaluation) => comparedScores(evaluation, minority)));
  say(`baseline: ${scoresText(baseline, names)}`);
  const measured: MeasuredImprovement[] = [];
  for (const improvement of improvements) {
    const one = await measure(trial, improvement, before, minority);
    say(`${improvement.name}: ${one.outcome ? scoresText(one.scores, names) : one.note}`);
    measured.push(one);
  }
  return { names, minority, baseline, measured };
}

function scoresText(scores: ComparedScores, names: readonly ComparedScore[]): string {
  return names.map((score) => `${COMPARED_LABELS[score]} ${percent(scores[score])}`).join(', ');
}

async function measure(
  trial: ImprovementTrial,
  improvement: Improvement,
  before: readonly Evaluation[],
  minority: readonly number[],
): Promise<MeasuredImprovement> {
  let outcome: ImprovementOutcome;
  try {
    outcome = await improvement.run(trial);
  } catch (error) {
    if (!(error instanceof TrainingDiverged)) throw error;
    const none = meanScores([]);
    const nothing = { outcome: null, scores: none, differences: none, deviations: null, standardError: null };
    return { improvement, ...nothing, note: error.message };
  }
  const after = outcome.evaluations.map((evaluation) => comparedScores(evaluation, minority));
  const differences = after.map((scores, n) => differenceOf(scores, comparedScores(before[n], minority)));
  return {
    improvement,
    outcome,
    scores: meanScores(after),
    differences: meanScores(differences),
    deviations: differences.length < 2 ? null : eachScore(differences, deviationOf),
    standardError: pairedStandardError(before[0], outcome.evaluations[0]),
    note: outcome.note,
  };
}

function differenceOf(after: ComparedScores, before: ComparedScores): ComparedScores {
  const each = ALL_COMPARED.map((score) => {
    const [a, b] = [after[score], before[score]];
    return [score, a === null || b === null ? null : a - b];
  });
  return Object.fromEntries(each) as ComparedScores;
}

/** A number of each score's values; null where one of them is not defined. */
function eachScore(all: readonly ComparedScores[], of: (values: number[]) => number | null): ComparedScores {
  const each = ALL_COMPARED.map((score) => {
    const values = all.map((scores) => scores[score]).filter((value) => value !== null);
    return [score, values.length < all.length ? null : of(values)];
  });
  return Object.fromEntries(each) as ComparedScores;
}

function meanScores(all: readonly ComparedScores[]): ComparedScores {
  return eachScore(all, meanOrNull);
}
