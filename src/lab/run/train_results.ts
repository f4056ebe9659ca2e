import { z } from 'zod';
import { classCounts } from '../../data/class_counts.ts';
import type { ImageDataset } from '../../data/image_dataset.ts';
import { UserError } from '../../runtime/errors.ts';
import { completeRecipe, type Recipe, recipeSchema } from '../../train/recipe.ts';
import { RECIPE_FIELD_NAMES } from '../../train/recipe_fields.ts';
import { trainingTimings } from '../../train/training_record.ts';
import { DATA_FIELDS, type DataAmount, type DataReading, readingOf, readingSchema } from './data_fields.ts';
import { datasetSchema, environmentSchema, trainingSchema } from './lab_results.ts';

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
export interface GivenTraining extends Partial<Recipe>, DataReading, DataAmount {}

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

/** The configuration of a training on a data set. data: its name, or where it is. */
export function configureTraining(given: GivenTraining, data: string, dataset: ImageDataset): TrainingConfiguration {
  const { imbalanceType, tailImages } = given;
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
    ...readingOf(given),
    maxPerClass: given.maxPerClass ?? largest,
    ...{ imbalance, imbalanceType, tailImages },
    testPerClass: given.testPerClass ?? null,
  });
}
