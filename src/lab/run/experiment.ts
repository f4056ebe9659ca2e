import type { ImageDataset } from '../../data/image_dataset.ts';
import type { LongTailedData } from '../../data/training_data.ts';
import type { Gpu } from '../../runtime/gpu.ts';
import type { Figure } from '../plots/index.ts';
import type { Block, FigureBlock } from './blocks.ts';
import type { Configuration } from './configuration.ts';
import type { GivenRecipe } from './own_parts.ts';
import type { TrainedModel, TrainingExtras } from './trained_model.ts';

/** What an experiment has at hand. */
export interface LabContext {
  gpu: Gpu;
  dataset: ImageDataset;
  configuration: Configuration;
  /** Prints a line or a table for the person watching. */
  say: (text: string) => void;
  /** Aborted when the run is to stop. Long work beside training looks at it: `signal.throwIfAborted()`. */
  signal: AbortSignal;

  /** The run's long-tailed training set and its balanced test set, on the device. */
  data: LongTailedData;

  /**
   * The network that the recipe trains, tested; see `recipe.ts` for the run's recipes. One training for equal recipes over all experiments: it is
   * trained with progress and checkpoints, or read back from the run's folder where this run has it. With `--seeds N` it is trained with N seeds, and
   * scores are means.
   *
   *     const { evaluation, history, scores } = await context.trained({ ...baseRecipe(context.configuration, 'ps4'), loss: 'focal' });
   *
   * extras: what a recipe cannot say, under a name of its own.
   * Throws the signal's reason where the run is stopped, its checkpoint saved, and TrainingDiverged; let both through.
   */
  trained(recipe: GivenRecipe, extras?: TrainingExtras): Promise<TrainedModel>;

  /**
   * Writes figures/NAME.svg and .png, with the experiment's id before the name, and returns the block that shows it. The figure's caption is the
   * sentence under it: say what it shows.
   */
  figure(figure: Figure): Promise<FigureBlock>;

  /** What another experiment of this run found, as it stands in results.json; undefined where it was not run or failed. */
  resultsOf(id: string): Record<string, unknown> | undefined;
}

/** What an experiment found. It is the same for the same configuration and adapter; only `timings` may differ. */
export interface ExperimentOutcome {
  /** For programs: goes into results.json, as experiments.ID.results. Numbers must be finite: write null for what is not defined. */
  results: Record<string, unknown>;
  /** For people: the experiment's section of the report, from top to bottom. */
  section: readonly Block[];
  timings?: Record<string, unknown>;
}

/** A training that an experiment is going to ask for. */
export interface ExpectedTraining {
  recipe: GivenRecipe;
  variant?: string;
  /** Whether on the run's own images. Default true. */
  ownData?: boolean;
}

/**
 * A part of the lab: a question and a script that answers it from shared parts. It may throw: the run shows it as failed, with the error's message
 * as the reason, and goes on with the next.
 */
export interface Experiment {
  /** As the command line names it: ps1. */
  id: string;
  title: string;
  /** One sentence. */
  question: string;
  /** The trainings `run` will ask for, by which the time left is estimated. Default: none. */
  trainings?(configuration: Configuration): readonly ExpectedTraining[];
  run(context: LabContext): Promise<ExperimentOutcome>;
}
