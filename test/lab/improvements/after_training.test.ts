import { expect, it } from 'vitest';
import { longTailedData } from '../../../src/data/training_data.ts';
import { AFTER_TRAINING_IMPROVEMENTS } from '../../../src/lab/improvements/after_training.ts';
import type { ImprovementTrial } from '../../../src/lab/improvements/improvement_trial.ts';
import { useGpu } from '../../gpu.ts';
import { tinyDataset } from '../../train/tiny_training.ts';

const held = useGpu();

it.each([
  [true, 10],
  [false, 5],
])('test-time augmentation mirrors only where that keeps the class: %s', async (mirror, views) => {
  const { gpu } = held;
  const dataset = { ...tinyDataset(), keeps: { mirror, rotation: true, colour: true } };
  const data = longTailedData(gpu, dataset, { maxPerClass: 11, imbalance: 1, testPerClass: 2, seed: 1 });
  let seen = 0;
  const trial = {
    context: { gpu, dataset, data },
    data,
    baseline: async () => ({ repeats: [{}] }),
    probabilities: async () => {
      seen++;
      return new Float32Array(data.test.count * 4).fill(0.25);
    },
  } as unknown as ImprovementTrial;
  const improvement = AFTER_TRAINING_IMPROVEMENTS.find(({ name }) => name === 'test-time-augmentation')!;
  const { note } = await improvement.run(trial);
  expect(seen).toBe(views);
  expect(note).toBe(`It takes ${views} times the computation for each image.`);
});
