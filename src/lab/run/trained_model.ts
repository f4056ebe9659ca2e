import type { Sampler } from '../../data/samplers/sampler.ts';
import type { TrainingData } from '../../data/training_data.ts';
import type { Scores } from '../../metrics/scores.ts';
import type { Loss } from '../../nn/losses/loss.ts';
import type { Module } from '../../nn/module.ts';
import type { Optimizer } from '../../nn/optimizers/optimizer.ts';
import type { Recipe } from '../../train/recipe.ts';
import type { TrainingRecord } from '../../train/training_record.ts';
import type { Objective } from '../../train/training_task.ts';
import type { EarlierEnd } from './continuation.ts';
import type { TrainingStart } from './training_identity.ts';

/**
 * What a recipe cannot say. Each part is made from the recipe, whose seed differs where a training is repeated; what is left out is as the
 * recipe has it. All that changes the outcome must be told by `variant` and the recipe together: they are what a training is known by.
 */
export interface TrainingExtras {
  /** Names what is different: small letters, digits and '-', as 'se-attention' or 'transfer-partial'. */
  variant: string;
  /** Other images to train and test on than the run's. */
  data?: TrainingData;
  /** Another network, or the recipe's with other first weights. Also made where the trained weights are read back into it. */
  buildModel?(recipe: Recipe): Module | Promise<Module>;
  buildOptimizer?(recipe: Recipe, model: Module): Optimizer;
  buildSampler?(recipe: Recipe): Sampler;
  /** criterion: the recipe's loss. */
  buildObjective?(criterion: Loss, recipe: Recipe): Objective<Module>;
  /** In place of `model.train()`, for a network of which a part stays in evaluation mode. */
  setMode?(model: Module): void;
  /** What it goes on from: part of what it is known by. */
  start?: TrainingStart;
  /** The end of the training that it goes on with, as long as it has no checkpoint of its own. */
  earlier?: EarlierEnd;
}

/** A network that was trained by a recipe and tested. */
export interface TrainedModel extends TrainingRecord {
  /** Knows it among all trainings of all runs, and is the stem of its checkpoint's name: 'custom-cnn-ce-adam-1f2e3d4c'. */
  key: string;
  recipe: Recipe;
  variant?: string;
  /** Whether it was trained and tested on the run's images, so that its scores may stand beside others. */
  ownData: boolean;
  /** Of its parameters: how many there are, and how many of them learn. */
  size: { parameters: number; trainableParameters: number };
  /**
   * Runs a function with the network in evaluation mode, read back from the training's record where it is no longer on the device. The network is
   * there until the function's promise is fulfilled: return what was made of it, not the network.
   */
  withModel<R>(work: (model: Module) => R | Promise<R>): Promise<R>;
  /** Means over the repetitions with other seeds, of which this is the first. */
  scores: Scores;
  /** Standard deviation over them; null where there is one. */
  deviations: Scores | null;
  /** All repetitions, this one first. Without `--seeds`, this one alone. */
  repeats: readonly Repetition[];
}

/** A training with one seed. */
export type Repetition = Omit<TrainedModel, 'scores' | 'deviations' | 'repeats'>;
