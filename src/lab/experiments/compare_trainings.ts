import { type ClassThirds, recallByThird } from '../../metrics/class_thirds.ts';
import { meanOrNull, SCORE_LABELS, SCORE_NAMES, type ScoreName, type Scores } from '../../metrics/scores.ts';
import type { Recipe } from '../../train/recipe.ts';
import type { ScoreTable, TrainingCourse } from '../plots/index.ts';
import type { LabContext } from '../run/experiment.ts';
import type { GivenRecipe } from '../run/own_parts.ts';
import type { TrainedModel, TrainingExtras } from '../run/trained_model.ts';
import { courseOf } from '../run/training_history.ts';

/** A training to be compared with others, under the name it has in tables and figures. */
export interface Contender<R extends GivenRecipe = Recipe> {
  name: string;
  recipe: R;
  extras?: TrainingExtras;
}

/** A contender that was trained. */
export interface ComparedTraining {
  name: string;
  trained: TrainedModel;
  /** Mean recall of the largest, the middle and the smallest classes, over all repetitions. */
  recalls: Record<keyof ClassThirds, number | null>;
}

/** Trains and tests each, in order. */
export async function compareTrainings(
  context: Pick<LabContext, 'trained' | 'data'>,
  contenders: readonly Contender<GivenRecipe>[],
): Promise<ComparedTraining[]> {
  const compared: ComparedTraining[] = [];
  for (const { name, recipe, extras } of contenders) {
    const trained = await context.trained(recipe, extras);
    const each = trained.repeats.map(({ evaluation }) => recallByThird(evaluation.metrics, context.data.counts));
    const mean = (third: keyof ClassThirds) =>
      meanOrNull(each.map((recalls) => recalls[third]).filter((recall) => recall !== null));
    const recalls = { largest: mean('largest'), middle: mean('middle'), smallest: mean('smallest') };
    compared.push({ name, trained, recalls });
  }
  return compared;
}

/** The course of a training for the plots; of several seeds the first. */
export function curvesOf({ name, trained: { history } }: Pick<ComparedTraining, 'name' | 'trained'>): TrainingCourse {
  return courseOf(name, history);
}

/** Scores as the plots take them: NaN where there is none. names: those to show, for a balanced test set by default; see `scoreNames`. */
export function scoreMatrix(
  rows: readonly { name: string; scores: Scores }[],
  names: readonly ScoreName[] = SCORE_NAMES,
): Omit<ScoreTable, 'name'> {
  return {
    models: rows.map(({ name }) => name),
    metrics: names.map((name) => SCORE_LABELS[name]),
    scores: rows.map(({ scores }) => names.map((name) => scores[name] ?? Number.NaN)),
  };
}

/** What a comparison found, for results.json: by name the training's key, its scores, and recalls by size of class. */
export function comparisonResults(compared: readonly ComparedTraining[]): Record<string, unknown> {
  return Object.fromEntries(
    compared.map(({ name, trained: { key, scores, deviations, repeats }, recalls }) => [
      name,
      { trainings: repeats.map((one) => one.key), key, scores, deviations, recalls },
    ]),
  );
}
