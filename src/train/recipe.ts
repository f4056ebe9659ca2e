import { z } from 'zod';
import { AUGMENTATION_NAMES, type Augmentation, createAugmentation } from '../data/augmentation/index.ts';
import type { BatchSource } from '../data/batch_source.ts';
import { fixedLengthSampler } from '../data/samplers/fixed_length_sampler.ts';
import { createSampler, SAMPLER_NAMES, type Sampler } from '../data/samplers/index.ts';
import type { TrainingData } from '../data/training_data.ts';
import { createLoss, LOSS_NAMES, type LossName } from '../nn/losses/index.ts';
import type { Loss } from '../nn/losses/loss.ts';
import type { ImageClassifier } from '../nn/models/image_classifier.ts';
import { createModel, MODEL_NAMES, type ModelName } from '../nn/models/index.ts';
import { createOptimizer, OPTIMIZER_NAMES } from '../nn/optimizers/index.ts';
import type { Optimizer } from '../nn/optimizers/optimizer.ts';
import type { Parameter } from '../nn/parameter.ts';
import { createSchedule, SCHEDULE_NAMES } from '../nn/schedules/index.ts';
import { UserError } from '../runtime/errors.ts';
import type { Gpu } from '../runtime/gpu.ts';

/** A zod enum of names that a registry holds, whose list is no tuple. */
function oneOf<Name extends string>(names: readonly Name[]) {
  return z.enum(names as [Name, ...Name[]]);
}

/**
 * All that decides a training but its data, as plain JSON: two equal recipes on the same data are one training. The fields are in the order in
 * which they are written into checkpoints.
 */
export const recipeSchema = z.strictObject({
  model: oneOf<ModelName>(MODEL_NAMES),
  /** Channels relative to the network's own. */
  width: z.number().positive(),
  /** Probability of dropout, where the network has any. */
  dropout: z.number().min(0).max(1),
  /** Probability of leaving a block out that the blocks' rise to, where the network has stochastic depth. */
  stochasticDepth: z.number().min(0).max(1),
  loss: oneOf<LossName>(LOSS_NAMES),
  optimizer: z.enum(OPTIMIZER_NAMES),
  lr: z.number().min(0),
  weightDecay: z.number().min(0),
  schedule: z.enum(SCHEDULE_NAMES),
  /** Norm to which all gradients together are scaled down; null: they stay as they are. */
  clipNorm: z.number().positive().nullable(),
  sampler: z.enum(SAMPLER_NAMES),
  /** Draws in an epoch: as many as the sampler's own, or, so that samplers are compared over equal trainings, as there are training images. */
  draws: z.enum(['own', 'images']),
  augmentation: z.enum(AUGMENTATION_NAMES),
  epochs: z.number().int().min(1),
  batchSize: z.number().int().min(1),
  /** Of the first weights, the order of batches and everything drawn in training. */
  seed: z.number().int().min(0),
});

export type Recipe = z.infer<typeof recipeSchema>;

/** What stands in a training's name where it is not this. */
const USUAL = { schedule: 'constant', sampler: 'none', augmentation: 'lab' } as const satisfies Partial<Recipe>;

/** A short name for people and files, as 'custom-cnn-focal-adam'; recipes that differ may share it. */
export function recipeName(recipe: Recipe, variant?: string): string {
  const { model, loss, optimizer } = recipe;
  const unusual = (['schedule', 'sampler', 'augmentation'] as const)
    .filter((field) => recipe[field] !== USUAL[field])
    .map((field) => recipe[field]);
  return [model, loss, optimizer, ...unusual, ...(variant === undefined ? [] : [variant])].join('-');
}

/** The recipe's network with its first weights. */
export function buildModel(gpu: Gpu, recipe: Recipe, data: TrainingData): ImageClassifier {
  const { model, width, dropout, stochasticDepth, seed } = recipe;
  const { classes, channels, imageSize } = data;
  return createModel(gpu, model, { classes, channels, width, seed, dropout, stochasticDepth, imageSize });
}

export function buildLoss({ loss, epochs }: Recipe, { counts }: TrainingData): Loss {
  return createLoss(loss, { counts, epochs });
}

export function buildOptimizer(recipe: Recipe, parameters: readonly Parameter[]): Optimizer {
  const { optimizer, lr, weightDecay } = recipe;
  return createOptimizer(optimizer, parameters, { lr, weightDecay });
}

export function buildSchedule({ schedule, epochs }: Recipe, optimizer: Optimizer, stepsPerEpoch: number) {
  return createSchedule(schedule, optimizer, { epochs, stepsPerEpoch });
}

/** What is trained on: the data's training images, with SMOTE's where the recipe asks for them. */
export function buildSource({ sampler }: Recipe, data: TrainingData): BatchSource {
  if (sampler !== 'smote') return data.train;
  if (data.smote === undefined)
    throw new UserError('There is no SMOTE for these training images; choose another sampler.');
  return data.smote();
}

/** source: as `buildSource` gives it. */
export function buildSampler({ sampler, draws, seed }: Recipe, source: BatchSource, data: TrainingData): Sampler {
  const own = createSampler(sampler, { labels: source.labels, classes: source.classes, seed });
  return draws === 'own' || own.count === data.train.count ? own : fixedLengthSampler(own, data.train.count);
}

export function buildAugmentation({ augmentation }: Recipe, { counts }: TrainingData): Augmentation {
  return createAugmentation(augmentation, { counts });
}
