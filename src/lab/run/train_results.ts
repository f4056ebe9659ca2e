import { z } from 'zod';
import { classCounts } from '../../data/class_counts.ts';
import { DATASET_NAMES, type ImageDataset } from '../../data/image_dataset.ts';
import type { OptimizerName } from '../../nn/optimizers/index.ts';
import { type Recipe, recipeSchema } from '../../train/recipe.ts';
import { trainingTimings } from '../../train/training_record.ts';
import { datasetSchema, environmentSchema, trainingSchema } from './lab_results.ts';

/** Version of a training's results.json: raised when a field changes its meaning or goes away. */
export const TRAIN_RESULTS_VERSION = 1;

/** Everything that decides a training of `wgrad train`. */
const configurationSchema = z.strictObject({
  recipe: recipeSchema,
  data: z.enum(DATASET_NAMES),
  /** Training images of the largest class. */
  maxPerClass: z.number().int().min(1),
  /** Largest class over smallest. */
  imbalance: z.number().min(1),
  /** Test images per class at most; null takes all. */
  testPerClass: z.number().int().min(1).nullable(),
});

export type TrainingConfiguration = z.infer<typeof configurationSchema>;

/** results.json of `wgrad train`. Everything but `timings` is the same for the same configuration and adapter. */
const trainResultsSchema = z.strictObject({
  format: z.literal('wgrad-training'),
  version: z.literal(TRAIN_RESULTS_VERSION),
  configuration: configurationSchema,
  environment: environmentSchema,
  dataset: datasetSchema,
  /** null until it is finished. */
  training: trainingSchema.nullable(),
  timings: trainingTimings.nullable(),
});

export type TrainResults = z.infer<typeof trainResultsSchema>;

/** What results.json of a training is. */
export const TRAIN_RESULTS = {
  format: 'wgrad-training',
  version: TRAIN_RESULTS_VERSION,
  schema: trainResultsSchema,
};

/** What may be given for a training; the optimizer's usual step size and all images where nothing is said. */
export interface GivenTraining extends Omit<Recipe, 'lr' | 'clipNorm' | 'draws'> {
  lr?: number;
  clipNorm?: number;
  imbalance: number;
  maxPerClass?: number;
  testPerClass?: number;
}

/** The lab's step sizes. */
function usualLr(optimizer: OptimizerName): number {
  return optimizer === 'sgd' ? 1e-2 : 1e-3;
}

/** The configuration of a training on a data set. */
export function configureTraining(given: GivenTraining, dataset: ImageDataset): TrainingConfiguration {
  const largest = Math.max(...classCounts(dataset.train.labels, dataset.classNames.length));
  const { model, width, dropout, stochasticDepth, loss, optimizer, weightDecay, schedule } = given;
  const { sampler, augmentation, epochs, batchSize, seed, lr = usualLr(optimizer), clipNorm = null } = given;
  return configurationSchema.parse({
    recipe: {
      ...{ model, width, dropout, stochasticDepth, loss, optimizer, lr, weightDecay, schedule, clipNorm },
      ...{ sampler, draws: 'own', augmentation, epochs, batchSize, seed },
    },
    data: dataset.name,
    maxPerClass: given.maxPerClass ?? largest,
    imbalance: given.imbalance,
    testPerClass: given.testPerClass ?? null,
  });
}
