import { resolve } from 'node:path';
import { z } from 'zod';
import { classCounts } from '../../data/class_counts.ts';
import type { ImageDataset } from '../../data/image_dataset.ts';
import { UserError } from '../../runtime/errors.ts';
import { completeRecipe, type Recipe, recipeSchema } from '../../train/recipe.ts';
import { RECIPE_FIELD_NAMES } from '../../train/recipe_fields.ts';
import { trainingTimings } from '../../train/training_record.ts';
import { continuationSchema } from './continuation.ts';
import {
  DATA_FIELDS,
  type DataAmount,
  type DataReading,
  ownReadingOf,
  readingOf,
  readingSchema,
} from './data_fields.ts';
import { type FineTuning, fineTuningSchema } from './fine_tuning_fields.ts';
import { datasetSchema, environmentSchema, trainingSchema } from './lab_results.ts';
import type { TrainingStart } from './training_identity.ts';

/** Version of a training's results.json: raised when a field changes its meaning or goes away. */
export const TRAIN_RESULTS_VERSION = 1;

/** Everything that decides a training of `wgrad train`. */
const configurationSchema = z.strictObject({
  recipe: recipeSchema,
  /** A name, or where images of one's own are. */
  data: z.string(),
  ...readingSchema.shape,
  maxPerClass: DATA_FIELDS.maxPerClass.schema,
  /** null: the classes' sizes as they are. */
  imbalance: DATA_FIELDS.imbalance.schema.nullable(),
  imbalanceType: DATA_FIELDS.imbalanceType.schema.optional(),
  tailImages: DATA_FIELDS.tailImages.schema.optional(),
  /** null takes all. */
  testPerClass: DATA_FIELDS.testPerClass.schema.nullable(),
  /** File of weights that it goes on from, and how. */
  weights: z.string().optional(),
  fineTuning: fineTuningSchema.optional(),
  /** Folder of the training that it goes on with, and how. */
  earlier: z.string().optional(),
  continued: continuationSchema.optional(),
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

/** Share of the training images held out of images of one's own, which bring none, where nothing is said. */
const OWN_VALIDATION = 0.1;

/** What may be given for a training; see `completeRecipe`, and all images where nothing is said. */
export interface GivenTraining extends Partial<Recipe>, DataReading, DataAmount {
  /** File of weights to go on from. */
  weights?: string;
  fineTuning?: FineTuning;
}

/** The recipe of what was given for a training on a data set. Throws UserError; see `completeRecipe`. */
export function givenRecipe(
  options: GivenTraining,
  { natural, validation }: Pick<ImageDataset, 'natural' | 'validation'>,
): Recipe {
  const usual = natural ? (validation ? 'own' : OWN_VALIDATION) : undefined;
  return completeRecipe(recipeOf({ ...options, validation: options.validation ?? usual }));
}

/** What of these options is a recipe's. */
export function recipeOf(options: GivenTraining): Partial<Recipe> {
  return Object.fromEntries(
    RECIPE_FIELD_NAMES.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]] as const])),
  );
}

/** What a training goes on from, where it does not begin with the recipe's first weights: part of what it is known by. */
export function startOf({ fineTuning, continued }: TrainingConfiguration): TrainingStart | undefined {
  return fineTuning || continued ? { ...(fineTuning && { fineTuning }), ...(continued && { continued }) } : undefined;
}

/** The configuration of a training on a data set. data: its name, or where it is. */
export function configureTraining(given: GivenTraining, data: string, dataset: ImageDataset): TrainingConfiguration {
  const { imbalanceType, tailImages, weights } = given;
  const imbalance = given.imbalance ?? (dataset.natural ? null : 1);
  if (imbalanceType !== undefined && (imbalance === null || imbalance === 1)) {
    throw new UserError(
      '--imbalance-type says how an imbalance is made; give --imbalance a ratio above 1, or leave it out.',
    );
  }
  const largest = Math.max(...classCounts(dataset.train.labels, dataset.classNames.length));
  return configurationSchema.parse({
    recipe: givenRecipe(given, dataset),
    data,
    ...(dataset.natural ? ownReadingOf(given) : readingOf(given)),
    maxPerClass: given.maxPerClass ?? largest,
    ...{ imbalance, imbalanceType, tailImages },
    testPerClass: given.testPerClass ?? null,
    ...(weights !== undefined && { weights: resolve(weights), fineTuning: given.fineTuning }),
  });
}
