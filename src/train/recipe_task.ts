import type { Sampler } from '../data/samplers/sampler.ts';
import type { TrainingData } from '../data/training_data.ts';
import type { ImageClassifier } from '../nn/models/image_classifier.ts';
import type { Module } from '../nn/module.ts';
import type { Gpu } from '../runtime/gpu.ts';
import { cutEpoch, stepsPerEpoch } from './last_batch.ts';
import {
  buildAugmentation,
  buildLoss,
  buildModel,
  buildOptimizer,
  buildSampler,
  buildSchedule,
  buildSource,
  type Recipe,
} from './recipe.ts';
import type { TrainingTask } from './training_task.ts';

/**
 * A recipe's training from its beginning, without validation images: all that `train` needs, and the steps of an epoch. model: the network; default:
 * the recipe's, with its first weights.
 */
export function recipeTask<M extends Module = ImageClassifier>(
  gpu: Gpu,
  recipe: Recipe,
  data: TrainingData,
  model: M = buildModel(gpu, recipe, data) as Module as M,
): TrainingTask<M> & { stepsPerEpoch: number; sampler: Sampler } {
  const { batchSize, epochs, seed, clipNorm, dropLast = false, precision } = recipe;
  const source = buildSource(recipe, data);
  const optimizer = buildOptimizer(recipe, model.parameters());
  const sampler = buildSampler(recipe, source, data);
  const cut = cutEpoch(model, source.imageShape, { count: sampler.count, batchSize, dropLast });
  const steps = stepsPerEpoch(cut);
  return {
    ...{ gpu, model, optimizer, source, sampler, epochs, batchSize, seed },
    ...{ dropLast: cut.dropLast, stepsPerEpoch: steps, clipNorm: clipNorm ?? undefined },
    precision,
    criterion: buildLoss(recipe, data),
    augmentation: buildAugmentation(recipe, data),
    schedule: buildSchedule(recipe, optimizer, steps),
  };
}
