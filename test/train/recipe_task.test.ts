import { expect, it } from 'vitest';
import { longTailedData } from '../../src/data/training_data.ts';
import { completeRecipe } from '../../src/train/recipe.ts';
import { recipeTask } from '../../src/train/recipe_task.ts';
import { train } from '../../src/train/trainer.ts';
import { useGpu } from '../gpu.ts';
import { tinyDataset } from './tiny_training.ts';

const held = useGpu();

it('makes the training of a recipe, which trains', async () => {
  const { gpu } = held;
  const all = { maxPerClass: null, imbalance: null, testPerClass: null, seed: 1 };
  const data = longTailedData(gpu, tinyDataset(36), all);
  const given = { width: 1 / 16, epochs: 2, batchSize: 8, lr: 0.01, clipNorm: 2, schedule: 'cosine' } as const;
  const recipe = completeRecipe({ ...given, optimizer: 'sgd', dropLast: true, augmentation: 'none' });
  const task = recipeTask(gpu, recipe, data);
  expect(task).toMatchObject({ epochs: 2, batchSize: 8, seed: 42, clipNorm: 2, stepsPerEpoch: 4, dropLast: true });
  expect(task.optimizer.groups).toMatchObject([{ lr: 0.01, momentum: 0.9 }]);
  expect(task.optimizer.groups[0].parameters).toEqual(task.model.parameters());
  const seen: number[] = [];
  const watchStep = (step: () => { labels: { size: number } }) => void seen.push(step().labels.size);
  const { history } = await train({ ...task, watchStep });
  expect([history.length, seen]).toEqual([2, new Array(8).fill(8)]);
  // The cosine has come to its end.
  expect(task.optimizer.groups[0].lr).toBeLessThan(0.001);
});
