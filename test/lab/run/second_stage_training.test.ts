import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BatchSource } from '../../../src/data/batch_source.ts';
import { longTailedData } from '../../../src/data/training_data.ts';
import { RunFolder } from '../../../src/lab/run/run_folder.ts';
import { TrainingCache } from '../../../src/lab/run/training_cache.ts';
import { TrainingPlan } from '../../../src/lab/run/training_plan.ts';
import { lastLinear } from '../../../src/nn/models/outer_layers.ts';
import type { Module } from '../../../src/nn/module.ts';
import { downloadTensors } from '../../../src/nn/weights/host_tensor.ts';
import { completeRecipe, type Recipe } from '../../../src/train/recipe.ts';
import { useGpu } from '../../gpu.ts';
import { tinyDataset } from '../../train/tiny_training.ts';

const held = useGpu();
const BASE = { width: 1 / 16, epochs: 2, batchSize: 16, validation: 0.2 } as const;

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'wgrad-stages-'));
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(parent, { recursive: true });
});

/** A run whose signal is aborted at a step, counted over all trainings; by its folder one that goes on. */
async function run({ folder, stopAt }: { folder?: RunFolder; stopAt?: number } = {}) {
  vi.restoreAllMocks();
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const controller = new AbortController();
  const augmented = BatchSource.prototype.augmented;
  const labels: number[] = [];
  let steps = 0;
  vi.spyOn(BatchSource.prototype, 'augmented').mockImplementation(function (this: BatchSource, ...args) {
    if (++steps === stopAt) controller.abort();
    labels.push(...Array.from(args[0], (position) => this.labels[position]));
    return augmented.apply(this, args);
  });
  const own = folder ?? (await RunFolder.create(parent, 'tiny'));
  const said: string[] = [];
  const models = new TrainingCache({
    ...{ gpu: held.gpu, folder: own, seeds: 1, plan: new TrainingPlan([]), isDone: () => false, keepLast: true },
    data: longTailedData(held.gpu, tinyDataset(), { maxPerClass: 11, imbalance: 4, testPerClass: null, seed: 42 }),
    signal: controller.signal,
    say: (text) => void said.push(text),
    onTrained: async () => {},
  });
  return { models, folder: own, said, labels, steps: () => steps };
}

async function weights(model: Module) {
  return [...(await downloadTensors(model.stateDict()))].map(([name, { data }]) => [name, [...data]] as const);
}

const recipeOf = (given: Partial<Recipe>) => completeRecipe({ ...BASE, ...given });

describe('a second stage', () => {
  // Two epochs of two steps, then two more; of cam's of three.
  it.each([
    { secondStage: 'crt', places: 'the last step of the first stage', stopAt: 4 },
    { secondStage: 'lws', places: 'the first step of the second', stopAt: 5 },
    { secondStage: 'cam', places: 'the second epoch of the second', stopAt: 9 },
  ] as const)('$secondStage that is stopped in $places goes on to the same bits', async ({ secondStage, stopAt }) => {
    const recipe = recipeOf({ secondStage, secondEpochs: 2 });
    const whole = await run();
    const trained = await whole.models.trained(recipe);
    expect(trained.history.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4]);
    const kept = await trained.withModel(weights);
    expect(whole.steps()).toBeGreaterThan(stopAt);
    const { models, folder } = await run({ stopAt });
    await expect(models.trained(recipe)).rejects.toThrow();
    const resumed = await (await run({ folder })).models.trained(recipe);
    expect(resumed.history).toEqual(trained.history);
    expect(resumed.evaluation).toEqual(trained.evaluation);
    expect(await resumed.withModel(weights)).toEqual(kept);
  });

  it('leaves the features as they are in crt, lws and tau-norm, and shares the training before it', async () => {
    const { models, folder, steps, said } = await run();
    const first = await models.trained(recipeOf({}));
    const [last] = await first.withModel((model) => lastLinear(model));
    const before = new Map(await first.withModel(weights));
    const own = steps();
    for (const secondStage of ['crt', 'lws', 'tau-norm'] as const) {
      const trained = await models.trained(recipeOf({ secondStage }));
      for (const [name, values] of await trained.withModel(weights)) {
        if (name === `${last}.weight`) {
          // τ may be 0.
          if (secondStage !== 'tau-norm') expect(values).not.toEqual(before.get(name));
        } else if (name !== `${last}.bias`) expect([name, values]).toEqual([name, before.get(name)]);
        else if (secondStage === 'tau-norm') expect(values.every((value) => value === 0)).toBe(true);
      }
    }
    // One epoch of two steps each in crt and lws.
    expect(steps() - own).toBe(4);
    expect(said.at(-1)).toMatch(/^τ \d\.?\d*: the best balanced accuracy on the validation images, \d+\.\d %\.$/);
    expect(readdirSync(folder.file('checkpoints')).filter((name) => name.endsWith('.safetensors'))).toHaveLength(4);
  });

  it('draws the classes alike in crt, and adds images until they are alike in cam', async () => {
    const crt = await run();
    // What the first stage's schedule, loss and mixing are told says nothing in the second.
    const first = { schedule: 'warm-up', warmUpEpochs: 1, loss: 'focal', gamma: 1, augmentation: 'mixup' } as const;
    await crt.models.trained(recipeOf(first));
    crt.labels.length = 0;
    await crt.models.trained(recipeOf({ ...first, secondStage: 'crt', secondEpochs: 8 }));
    const counts = (labels: number[]) => [0, 1, 2, 3].map((label) => labels.filter((own) => own === label).length);
    // 8 epochs of 23 draws in four classes: 46 each, with a deviation of 5.9.
    for (const count of counts(crt.labels)) expect(Math.abs(count - 46)).toBeLessThan(5 * 5.9);
    const cam = await run();
    await cam.models.trained(recipeOf({}));
    cam.labels.length = 0;
    await cam.models.trained(recipeOf({ secondStage: 'cam', secondEpochs: 1 }));
    expect(new Set(counts(cam.labels)).size).toBe(1);
  });
});
