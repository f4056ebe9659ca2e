import type { Evaluation } from '../../train/evaluation.ts';
import type { Recipe } from '../../train/recipe.ts';
import type { Block } from '../run/blocks.ts';
import type { ExpectedTraining } from '../run/experiment.ts';
import type { ImprovementTrial } from './improvement_trial.ts';

/** Where an improvement takes hold. */
export const IMPROVEMENT_GROUPS = ['data', 'model', 'training', 'loss', 'after training'] as const;
export type ImprovementGroup = (typeof IMPROVEMENT_GROUPS)[number];

/** What an improvement came to on the test images. */
export interface ImprovementOutcome {
  /** One for each seed of the run, in the order of the baseline's repetitions. */
  evaluations: readonly Evaluation[];
  /** What a reader must know of its figures, as what was chosen on the validation images; one sentence. */
  note?: string;
  /** What it shows beside its scores. */
  section?: readonly Block[];
}

/** A change to the baseline's training, or to the decision after it, whose effect is measured. */
export interface Improvement {
  /** As the command line names it; also the variant that its trainings are known by. */
  name: string;
  group: ImprovementGroup;
  /** A few words for figures and tables. */
  title: string;
  /** One line: what is done. */
  description: string;
  /** The trainings that `run` will ask for beside the baseline's, whose recipe this is; all on the trial's images. Default: none. */
  trainings?(baseline: Recipe): readonly Omit<ExpectedTraining, 'ownData'>[];
  run(trial: ImprovementTrial): Promise<ImprovementOutcome>;
}
