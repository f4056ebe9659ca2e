import { z } from 'zod';
import { type Augmentation, createAugmentation } from '../data/augmentation/index.ts';
import type { BatchSource } from '../data/batch_source.ts';
import { deferredSampler } from '../data/samplers/deferred_sampler.ts';
import { fixedLengthSampler } from '../data/samplers/fixed_length_sampler.ts';
import { createSampler, type Sampler } from '../data/samplers/index.ts';
import type { TrainingData } from '../data/training_data.ts';
import { COSINE_SCALE } from '../nn/layers/cosine_linear.ts';
import { createLoss } from '../nn/losses/index.ts';
import type { Loss } from '../nn/losses/loss.ts';
import type { ImageClassifier } from '../nn/models/image_classifier.ts';
import { createModel } from '../nn/models/index.ts';
import { createOptimizer } from '../nn/optimizers/index.ts';
import type { Hyperparameters, Optimizer, ParameterGroup } from '../nn/optimizers/optimizer.ts';
import type { Parameter } from '../nn/parameter.ts';
import { createSchedule } from '../nn/schedules/index.ts';
import { UserError } from '../runtime/errors.ts';
import type { Gpu } from '../runtime/gpu.ts';
import { RECIPE_FIELD_NAMES, RECIPE_FIELDS, type RecipeField, type RecipeFieldName } from './recipe_fields.ts';

type Shape = { [K in RecipeFieldName]: (typeof RECIPE_FIELDS)[K]['schema'] };

const shape = Object.fromEntries(
  RECIPE_FIELD_NAMES.map((name) => [name, RECIPE_FIELDS[name].schema]),
) as unknown as Shape;

/** All that decides a training but its data, as plain JSON: two equal recipes on the same data are one training. */
export const recipeSchema = z.strictObject(shape);

/**
 * The same as it stands in files, where parts may have names of their own: of a program's own network, loss, optimizer, schedule, sampler or augmentation.
 */
export const recordedRecipe = recipeSchema.extend({
  ...{ model: z.string(), loss: z.string(), optimizer: z.string() },
  ...{ schedule: z.string(), sampler: z.string(), augmentation: z.string() },
});

/** All that decides a training but its data; `completeRecipe` makes one. */
export type Recipe = z.infer<typeof recipeSchema>;

/** What --help and errors call a field: its option, or its name. */
const calledBy = (name: RecipeFieldName) => RECIPE_FIELDS[name].flags?.split(' ')[0] ?? name;

/**
 * A whole recipe from what is given of it; the rest is what each field usually is.
 *
 * @throws UserError, one sentence, for a value out of its range, and for a field that says nothing in this recipe.
 */
export function completeRecipe(given: Partial<Recipe>): Recipe {
  const recipe: Record<string, unknown> = {};
  for (const name of RECIPE_FIELD_NAMES) {
    const about: RecipeField = RECIPE_FIELDS[name];
    const value = given[name] ?? about.usual?.(recipe);
    if (value === undefined) continue;
    if (!about.schema.safeParse(value).success) {
      throw new UserError(`${calledBy(name)} must be ${about.range}, not ${value}.`);
    }
    recipe[name] = value;
  }
  for (const name of RECIPE_FIELD_NAMES) {
    const { needs }: RecipeField = RECIPE_FIELDS[name];
    if (given[name] === undefined || needs === undefined || needs.values.includes(`${recipe[needs.field]}`)) continue;
    const decider = needs.field as RecipeFieldName;
    throw new UserError(
      `${calledBy(name)} says nothing with ${calledBy(decider)} ${recipe[decider] ?? 'left out'}; leave it out, or take ${needs.values.join(' or ')}.`,
    );
  }
  if (recipe.nesterov && recipe.momentum === 0) {
    throw new UserError('--nesterov looks ahead along the momentum, which is 0; leave it out, or give --momentum.');
  }
  // None held out, which is what a recipe without the field says.
  if (recipe.validation === 0) delete recipe.validation;
  const choosing = (['keep', 'keepBy', 'patience'] as const).find((name) => recipe[name] !== undefined);
  if (choosing !== undefined && !recipe.validation) {
    throw new UserError(
      `${calledBy(choosing)} needs images to choose by, which are held out by --validation; give it a share.`,
    );
  }
  if (recipe.loss === 'ldam' && recipe.classifierScale === 'learned') {
    throw new UserError(
      'The margins of ldam are cosines, so their scale must be known; give --classifier-scale a number.',
    );
  }
  if (recipe.secondStage === 'tau-norm' && !recipe.validation) {
    throw new UserError('--second-stage tau-norm chooses τ by images held out by --validation; give it a share.');
  }
  if ((recipe.secondStage === 'tau-norm' || recipe.secondStage === 'lws') && recipe.classifier === 'cosine') {
    throw new UserError(
      `--second-stage ${recipe.secondStage} changes the lengths of weights, which --classifier cosine has not; leave one of them out.`,
    );
  }
  return recipeSchema.parse(recipe);
}

/** Epochs of a recipe's second stage; 0 where it has none, or one that trains nothing. */
export function secondEpochsOf({ secondStage, secondEpochs, epochs }: Recipe): number {
  if (secondStage === undefined || secondStage === 'tau-norm') return 0;
  return secondEpochs ?? Math.ceil(epochs / 5);
}

/** The first epoch, counted from 0, after a share of a training; the last one at the latest. */
const epochAfter = (share: number, epochs: number) => Math.min(Math.ceil(share * epochs), epochs - 1);

/** Of these shares that are given, the first epoch after the smallest. */
function firstAfter({ epochs }: Recipe, ...shares: (number | undefined)[]): number | undefined {
  const given = shares.filter((share) => share !== undefined);
  return given.length === 0 ? undefined : epochAfter(Math.min(...given), epochs);
}

/** What stands in a training's name where it is not this. */
const USUAL = { schedule: 'constant', sampler: 'none', augmentation: 'lab' } as const satisfies Partial<Recipe>;

/** A short name for people and files, as 'custom-cnn-focal-adam'; recipes that differ may share it. */
export function recipeName(recipe: Recipe, variant?: string): string {
  const { model, loss, optimizer } = recipe;
  const unusual = (['schedule', 'sampler', 'augmentation'] as const)
    .filter((field) => recipe[field] !== USUAL[field])
    .map((field) => recipe[field]);
  const { classifier, deferWeights, deferSampler, secondStage } = recipe;
  const further = [
    ...(classifier === 'cosine' ? [classifier] : []),
    ...(deferWeights === undefined ? [] : ['drw']),
    ...(deferSampler === undefined ? [] : ['drs']),
    ...(secondStage === undefined ? [] : [secondStage]),
  ];
  return [model, loss, optimizer, ...unusual, ...further, ...(variant === undefined ? [] : [variant])].join('-');
}

/** The recipe's network with its first weights. */
export function buildModel(
  gpu: Gpu,
  recipe: Recipe,
  data: Pick<TrainingData, 'classes' | 'channels' | 'imageSize'>,
): ImageClassifier {
  const { model, width, dropout, stochasticDepth, seed, form, classifier, classifierScale } = recipe;
  const { classes, channels, imageSize } = data;
  const parts = { form, classifier, classifierScale };
  return createModel(gpu, model, { classes, channels, width, seed, dropout, stochasticDepth, imageSize, ...parts });
}

/** The recipe's loss, for these training images. */
export function buildLoss(recipe: Recipe, { counts }: TrainingData): Loss {
  const { loss, epochs, labelSmoothing, gamma, beta, tau, smoothHead, smoothTail, classifier } = recipe;
  const { classifierScale = COSINE_SCALE } = recipe;
  const setting = {
    ...{ counts, epochs, reweightFrom: firstAfter(recipe, recipe.deferWeights) },
    cosineScale: classifier === 'cosine' && classifierScale !== 'learned' ? classifierScale : undefined,
  };
  return createLoss(loss, setting, { labelSmoothing, gamma, beta, tau, smoothHead, smoothTail });
}

/** The recipe's optimizer of these parameters, or groups of them; what a group does not say is the recipe's. */
export function buildOptimizer(
  recipe: Recipe,
  parameters: readonly Parameter[] | readonly ParameterGroup<Hyperparameters>[],
): Optimizer {
  const { optimizer, lr, weightDecay, momentum, nesterov, betas, eps } = recipe;
  return createOptimizer(optimizer, parameters, { lr, weightDecay, momentum, nesterov, betas, eps });
}

/** The recipe's schedule, laid out over the whole training; undefined where the learning rate stays. */
export function buildSchedule(recipe: Recipe, optimizer: Optimizer, stepsPerEpoch: number) {
  const { schedule, epochs, warmUpEpochs, plateauEpochs, deferWeights, deferSampler } = recipe;
  const deferFrom = firstAfter(recipe, deferWeights, deferSampler);
  return createSchedule(schedule, optimizer, { epochs, stepsPerEpoch, warmUpEpochs, plateauEpochs, deferFrom });
}

/** The data that a recipe trains on: with validation images where it asks for them. @throws UserError where there are none. */
export function buildData<D extends TrainingData>({ validation }: Pick<Recipe, 'validation'>, data: D): TrainingData {
  if (validation === undefined) return data;
  if (data.withValidation === undefined) {
    throw new UserError('Of these training images none can be held out; leave --validation out.');
  }
  return data.withValidation(validation);
}

/** What is trained on: the data's training images, with SMOTE's where the recipe asks for them. */
export function buildSource({ sampler }: Recipe, data: TrainingData): BatchSource {
  if (sampler !== 'smote') return data.train;
  if (data.smote === undefined)
    throw new UserError('There is no SMOTE for these training images; choose another sampler.');
  return data.smote();
}

/** source: as `buildSource` gives it. */
export function buildSampler(recipe: Recipe, source: BatchSource, data: TrainingData): Sampler {
  const { sampler, draws, seed, epochs, deferSampler } = recipe;
  const set = { labels: source.labels, classes: source.classes, seed, epochs };
  const own = createSampler(sampler, set);
  const { count } = data.train;
  const isFixed = draws === 'images' || deferSampler !== undefined;
  const drawn = isFixed && own.count !== count ? fixedLengthSampler(own, count) : own;
  if (deferSampler === undefined) return drawn;
  return deferredSampler(createSampler('none', set), drawn, epochAfter(deferSampler, epochs));
}

/** The recipe's augmentation, for these training images. */
export function buildAugmentation(recipe: Recipe, { counts, train }: TrainingData): Augmentation {
  const { augmentation, mixUntil } = recipe;
  const made = createAugmentation(augmentation, { counts, keeps: train.keeps });
  return mixUntil === undefined ? made : { ...made, mixUntil: firstAfter(recipe, mixUntil) };
}
