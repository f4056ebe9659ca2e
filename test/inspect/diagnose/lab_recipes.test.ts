import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ImageDataset } from '../../../src/data/image_dataset.ts';
import { loadDataset } from '../../../src/data/sources/load_dataset.ts';
import { longTailedData } from '../../../src/data/training_data.ts';
import { diagnose } from '../../../src/inspect/diagnose/diagnose.ts';
import { TrainingMonitor } from '../../../src/inspect/diagnose/training_monitor.ts';
import { configure } from '../../../src/lab/run/configuration.ts';
import { baseRecipe, efficientnetRecipe, resnetRecipe } from '../../../src/lab/run/lab_recipes.ts';
import { type Gpu, openDevice } from '../../../src/node.ts';
import type { Recipe } from '../../../src/train/recipe.ts';
import { recipeTask } from '../../../src/train/recipe_task.ts';
import { train } from '../../../src/train/trainer.ts';

// New memory is not poisoned here: that would double the dispatches, and other tests do it.
let gpu: Gpu;
let dataset: ImageDataset;
beforeAll(async () => {
  gpu = await openDevice({ seed: 42 });
  dataset = await loadDataset('mnist', { form: { size: 32, channels: 3 } });
});
afterAll(() => gpu.close());

const smoke = configure('smoke', { data: 'mnist', seed: 42 });
const base = baseRecipe(smoke, 'ps2');

/** One of each kind: networks, losses, optimizers with the lab's rates, samplers, augmentations, schedules. */
const RECIPES: [string, Recipe][] = [
  ['CustomCNN', base],
  ['ResNet-18', resnetRecipe(smoke, 'ps3')],
  ['EfficientNet-B0', efficientnetRecipe(smoke)],
  ['focal loss, SGD, one cycle', { ...base, loss: 'focal', optimizer: 'sgd', lr: 1e-2, schedule: 'one-cycle' }],
  ['class-balanced loss, AdamW', { ...base, loss: 'class-balanced', optimizer: 'adamw', schedule: 'cosine' }],
  ['weighted loss, RMSprop', { ...base, loss: 'weighted-ce', optimizer: 'rmsprop' }],
  ['label smoothing, SMOTE', { ...base, loss: 'label-smoothing', sampler: 'smote', schedule: 'warm-restarts' }],
  ['balanced sampling, mixup', { ...base, sampler: 'balanced', augmentation: 'mixup' }],
  ['LDAM, CutMix, clipping', { ...base, loss: 'ldam', augmentation: 'cutmix', clipNorm: 1, schedule: 'warm-up' }],
];
const STEPS = 24;

it.each(RECIPES)('finds nothing wrong with a recipe of the lab: %s', async (_what, given) => {
  // As many epochs as the steps need: schedules are laid out over them.
  const recipe = { ...given, epochs: 3 };
  const data = longTailedData(gpu, dataset, { ...smoke, seed: 42, testPerClass: 1 });
  const task = recipeTask(gpu, recipe, data);
  const early: string[] = [];
  const monitor = new TrainingMonitor(task.model, task.optimizer, {
    stepsPerEpoch: task.stepsPerEpoch,
    onSample: (history) => void early.push(...diagnose(history).map(String)),
  });
  const enough = new AbortController();
  await train({
    ...task,
    signal: enough.signal,
    watchStep: (step) => {
      monitor.step(step);
      if (monitor.history.steps === STEPS) enough.abort();
    },
  });
  const history = await monitor.finish();
  expect(history.samples.length).toBeGreaterThanOrEqual(6);
  expect([diagnose(history), early]).toEqual([[], []]);
});
