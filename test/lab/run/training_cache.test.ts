import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { scale } from '../../../src/autograd/ops/elementwise.ts';
import type { Targets } from '../../../src/autograd/ops/softmax_loss.ts';
import type { Tensor } from '../../../src/autograd/tensor.ts';
import { longTailedData } from '../../../src/data/training_data.ts';
import { configure } from '../../../src/lab/run/configuration.ts';
import { baseRecipe } from '../../../src/lab/run/lab_recipes.ts';
import { RunFolder } from '../../../src/lab/run/run_folder.ts';
import type { TrainingExtras } from '../../../src/lab/run/trained_model.ts';
import { TrainingCache, type TrainingCacheOptions } from '../../../src/lab/run/training_cache.ts';
import { TrainingPlan } from '../../../src/lab/run/training_plan.ts';
import { Flatten } from '../../../src/nn/layers/flatten.ts';
import { Linear } from '../../../src/nn/layers/linear.ts';
import { CrossEntropyLoss } from '../../../src/nn/losses/cross_entropy.ts';
import type { Module } from '../../../src/nn/module.ts';
import { SGD } from '../../../src/nn/optimizers/sgd.ts';
import type { Parameter } from '../../../src/nn/parameter.ts';
import { Sequential } from '../../../src/nn/sequential.ts';
import { downloadTensors } from '../../../src/nn/weights/host_tensor.ts';
import { readWeights } from '../../../src/nn/weights/read_weights.ts';
import { UserError } from '../../../src/runtime/errors.ts';
import type { Gpu } from '../../../src/runtime/gpu.ts';
import type { Recipe } from '../../../src/train/recipe.ts';
import { useGpu } from '../../gpu.ts';
import { stopDuringStep, tinyDataset } from '../../train/tiny_training.ts';

const held = useGpu({ fences: false });
const dataset = tinyDataset();
const configuration = configure('smoke', { data: 'mnist', seed: 42, epochs: 2, batchSize: 16 });
const recipe: Recipe = { ...baseRecipe(configuration, 'ps3'), width: 1 / 16 };

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'wgrad-trained-'));
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(parent, { recursive: true });
});

/** The trainings of a new run, or, by its folder, of one that goes on; two epochs of three steps each. */
async function models(given: Partial<TrainingCacheOptions> = {}) {
  const data = longTailedData(held.gpu, dataset, { maxPerClass: 11, imbalance: 1, testPerClass: null, seed: 42 });
  const folder = given.folder ?? (await RunFolder.create(parent, 'tiny'));
  const trainings: string[] = [];
  const options = {
    ...{ gpu: held.gpu, folder, data, seeds: 1, plan: new TrainingPlan([]), isDone: () => false },
    signal: new AbortController().signal,
    say: () => {},
    onTrained: async ({ key }: { key: string }) => void trainings.push(key),
    ...given,
  };
  return { models: new TrainingCache(options), folder, data, trainings };
}

/** How often a source gave a batch to train on. */
function stepsOf(data: Awaited<ReturnType<typeof models>>['data']): () => number {
  const spy = vi.spyOn(data.train, 'augmented');
  return () => spy.mock.calls.length;
}

async function weights(model: Module) {
  return [...(await downloadTensors(model.stateDict()))].map(([name, { data }]) => [name, [...data]] as const);
}

describe('TrainingCache', () => {
  it('trains, tests and measures its speed', async () => {
    const { models: all, folder, trainings } = await models();
    const trained = await all.trained(recipe);
    expect(trained.history).toHaveLength(2);
    expect(trained.evaluation.metrics.samples).toBe(20);
    expect(trained.scores.accuracy).toBe(trained.evaluation.metrics.accuracy);
    expect(trained.deviations).toBeNull();
    const { timings } = trained;
    expect(timings.epochSeconds).toHaveLength(2);
    expect(timings.trainingSeconds).toBeCloseTo(timings.epochSeconds[0] + timings.epochSeconds[1], 9);
    expect(timings.imagesPerSecond).toBeCloseTo(88 / timings.trainingSeconds, 6);
    expect(timings.evaluationSeconds).toBeGreaterThan(0);
    expect(trainings).toEqual([trained.key]);
    expect(readdirSync(folder.file('checkpoints'))).toEqual([`${trained.key}.safetensors`]);
  });

  it('makes equal recipes one training, whatever the order of their fields, and others another', async () => {
    const { models: all, data } = await models();
    const steps = stepsOf(data);
    const first = await all.trained(recipe);
    expect(steps()).toBe(6);
    const reordered = Object.fromEntries(Object.entries(recipe).reverse()) as Recipe;
    expect((await all.trained(reordered)).key).toBe(first.key);
    expect(steps()).toBe(6);
    const keys = new Set([first.key]);
    for (const change of [{ loss: 'focal' }, { seed: 43 }, { lr: 0.1 }, { sampler: 'balanced' }] as const) {
      keys.add((await all.trained({ ...recipe, ...change })).key);
    }
    keys.add((await all.trained(recipe, { variant: 'other' })).key);
    expect(keys.size).toBe(6);
    expect(steps()).toBe(36);
  });

  it('gives a training the same bits whatever was trained before it, also where two are asked for at once', async () => {
    const alone = await (await models()).models.trained({ ...recipe, loss: 'focal' });
    const { models: all } = await models();
    const [, after] = await Promise.all([all.trained(recipe), all.trained({ ...recipe, loss: 'focal' })]);
    expect(after.history).toEqual(alone.history);
    expect(await after.withModel(weights)).toEqual(await alone.withModel(weights));
  });

  it('reads a finished training back from the folder: network, evaluation, history and timings', async () => {
    const { models: all, folder } = await models();
    const trained = await all.trained(recipe);
    const again = await models({ folder });
    const steps = stepsOf(again.data);
    const read = await again.models.trained(recipe);
    expect(steps()).toBe(0);
    expect(await read.withModel(weights)).toEqual(await trained.withModel(weights));
    for (const part of ['key', 'history', 'timings', 'evaluation'] as const) expect(read[part]).toEqual(trained[part]);
    const file = readFileSync(folder.file('checkpoints', `${trained.key}.safetensors`));
    const names = await trained.withModel((model) => [...model.stateDict().keys()]);
    expect([...readWeights(file).keys()].sort()).toEqual(names.sort());
  });

  it('goes on from the checkpoint of a training that was stopped, in training or testing, to the same bits', async () => {
    const whole = await (await models()).models.trained(recipe);
    for (const stop of ['train', 'test'] as const) {
      const stopped = await models();
      const { folder, data } = stopped;
      const controller = new AbortController();
      let signal = controller.signal;
      if (stop === 'train') signal = stopDuringStep(data.train, 4);
      const plain = data.test.plain.bind(data.test);
      data.test.plain = (indices) => {
        controller.abort();
        return plain(indices);
      };
      const { models: first } = await models({ folder, data, signal });
      const error = await first.trained(recipe).catch((thrown) => thrown);
      expect(error).toBe(signal.reason);
      const rest = await models({ folder });
      const steps = stepsOf(rest.data);
      const resumed = await rest.models.trained(recipe);
      expect(steps()).toBe(stop === 'train' ? 2 : 0);
      expect(resumed.history).toEqual(whole.history);
      expect(resumed.evaluation).toEqual(whole.evaluation);
      expect(await resumed.withModel(weights)).toEqual(await whole.withModel(weights));
    }
  });

  it("takes parts of one's own in the place of names, and knows the training by theirs", async () => {
    const { models: all, data } = await models();
    const steps = stepsOf(data);
    const plain = await all.trained({ ...recipe, seed: 42 });
    const counts: (readonly number[])[] = [];
    const loss = {
      name: 'doubled-ce',
      build: ({ counts: given }: { counts: readonly number[] }) => {
        counts.push(given);
        const ce = new CrossEntropyLoss();
        return { call: (logits: Tensor, targets: Targets) => scale(ce.call(logits, targets), 2) };
      },
    };
    const own = await all.trained({ ...recipe, loss });
    expect(own.key).toMatch(/^custom-cnn-doubled-ce-adam-[0-9a-f]{8}$/);
    expect(own.recipe.loss).toBe('doubled-ce');
    expect(counts).toEqual([data.counts]);
    expect(own.history[0].loss).not.toBe(plain.history[0].loss);
    expect((await all.trained({ ...recipe, loss })).key).toBe(own.key);
    expect(steps()).toBe(12);
    await expect(all.trained({ ...recipe, loss: { ...loss, build: () => new CrossEntropyLoss() } })).rejects.toThrow(
      "The name 'doubled-ce' is given to two of the kind 'loss'",
    );
    const model = { name: 'linear', build: (gpu: Gpu) => new Sequential(new Flatten(), new Linear(gpu, 192, 4)) };
    const optimizer = { name: 'plain-sgd', build: (p: readonly Parameter[]) => new SGD(p, { lr: 0.1 }) };
    const made = await all.trained({
      ...recipe,
      model,
      optimizer,
      augmentation: { name: 'nothing', build: () => ({}) },
    });
    expect(made.key).toMatch(/^linear-ce-plain-sgd-nothing-[0-9a-f]{8}$/);
    expect(made.size.parameters).toBe(192 * 4 + 4);
  });

  it('keeps the network used last on the device and reads the others back, freeing what it no longer needs', async () => {
    const { gpu } = held;
    const { models: all, data } = await models();
    const steps = stepsOf(data);
    const first = await all.trained(recipe);
    const [own, live] = [await first.withModel(weights), gpu.memory.liveBytes];
    const second = await all.trained({ ...recipe, seed: 43 });
    await all.trained({ ...recipe, seed: 44 });
    // Running sums of the loss, which the garbage collector frees; a network here takes 300 kB.
    const slack = 4096;
    expect(gpu.memory.liveBytes).toBeLessThan(live + slack);
    await first.withModel(async (model) => {
      // Another one is asked for meanwhile.
      expect(await second.withModel(weights)).not.toEqual(own);
      expect(await weights(model)).toEqual(own);
      expect(model.training).toBe(false);
    });
    expect(gpu.memory.liveBytes).toBeLessThan(live + slack);
    expect(steps()).toBe(18);
  });

  it('leaves the generator where it stands when it reads a network back', async () => {
    const { gpu } = held;
    const { models: all } = await models();
    const first = await all.trained(recipe);
    await all.trained({ ...recipe, seed: 43 });
    const { generator } = gpu;
    await first.withModel(() => {});
    expect(gpu.generator).toEqual(generator);
  });

  it('repeats a training with seeds that follow each other, and gives means and deviations', async () => {
    const { models: all } = await models({ seeds: 3 });
    const { repeats, scores, deviations, key } = await all.trained(recipe);
    expect(repeats.map((one) => one.recipe.seed)).toEqual([42, 43, 44]);
    expect(repeats[0].key).toBe(key);
    const values = repeats.map((one) => one.evaluation.metrics.accuracy);
    const mean = (values[0] + values[1] + values[2]) / 3;
    expect(scores.accuracy).toBeCloseTo(mean, 12);
    const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    expect(deviations!.accuracy).toBeCloseTo(Math.sqrt(squares / 2), 12);
  });

  it('takes from extras what a recipe cannot say', async () => {
    const { models: all, data } = await models();
    const told: string[] = [];
    const extras: TrainingExtras = {
      variant: 'special',
      buildSampler: () => ({ count: 16, epochOrder: () => new Uint32Array(16) }),
      buildObjective: (criterion) => (model, batch, epoch) => {
        told.push(`epoch ${epoch}, ${batch.images.shape[0]} images`);
        const logits = model.call(batch.images);
        return { loss: criterion.call(logits, batch.labels), logits };
      },
      setMode: (model) => {
        told.push('mode');
        model.eval();
      },
    };
    const trained = await all.trained(recipe, extras);
    expect(told).toEqual(['mode', 'mode', 'epoch 0, 16 images', 'epoch 1, 16 images']);
    expect(trained.key).toMatch(/^custom-cnn-ce-adam-special-[0-9a-f]{8}$/);
    expect(data.train.count).toBe(44);
    await expect(all.trained(recipe, { variant: '../x' })).rejects.toThrow(RangeError);
  });

  it('says so where the checkpoint of a training that was finished is gone or is another training’s', async () => {
    const { models: all, folder } = await models();
    const { key } = await all.trained(recipe);
    const other = await all.trained({ ...recipe, loss: 'focal' });
    const path = folder.file('checkpoints', `${key}.safetensors`);
    const sentence = async (isDone: boolean) => {
      const error = await (await models({ folder, isDone: () => isDone })).models.trained(recipe).catch((e) => e);
      expect(error).toBeInstanceOf(UserError);
      expect(error.message).toMatch(/^[^\n]+\.$/);
      return error.message;
    };
    const bytes = readFileSync(folder.file('checkpoints', `${other.key}.safetensors`));
    writeFileSync(path, bytes);
    expect(await sentence(true)).toContain('belongs to a run of another configuration');
    writeFileSync(path, bytes.subarray(0, 1000));
    expect(await sentence(true)).toContain('damaged');
    rmSync(path);
    expect(await sentence(true)).toContain('is missing, though the run has finished that training');
    expect(readdirSync(folder.file('checkpoints'))).toEqual([`${other.key}.safetensors`]);
  });

  it('goes on from the checkpoint before a damaged one, to the same bits, and says so', async () => {
    const { models: whole } = await models();
    const expected = await (await whole.trained(recipe)).withModel(weights);
    const { folder, data } = await models();
    const { models: first } = await models({ folder, data, signal: stopDuringStep(data.train, 5) });
    await first.trained(recipe).catch(() => {});
    const files = readdirSync(folder.file('checkpoints')).sort();
    expect(files).toEqual([files[0], `${files[0]}.previous`]);
    const path = folder.file('checkpoints', files[0]);
    const bytes = readFileSync(path);
    bytes[bytes.length - 9] ^= 64;
    writeFileSync(path, bytes);
    const said: string[] = [];
    const again = await models({ folder, say: (line) => void said.push(line) });
    expect(await (await again.models.trained(recipe)).withModel(weights)).toEqual(expected);
    expect(said).toContainEqual(expect.stringMatching(/is damaged \(.*\); going on from the checkpoint before it, /));
    expect(readdirSync(folder.file('checkpoints'))).toEqual([files[0]]);
  });

  it('keeps the last good checkpoint when the training diverges', async () => {
    const { folder, data } = await models();
    const { models: first } = await models({ folder, data, signal: stopDuringStep(data.train, 2) });
    await first.trained(recipe).catch(() => {});
    const [file] = readdirSync(folder.file('checkpoints'));
    const good = readFileSync(folder.file('checkpoints', file));

    const second = await models({ folder });
    const augmented = second.data.train.augmented.bind(second.data.train);
    second.data.train.augmented = (...args) => {
      const batch = augmented(...args);
      held.gpu.write(batch.images.buffer, new Float32Array(batch.images.size).fill(Number.NaN));
      return batch;
    };
    const error = await second.models.trained(recipe).catch((thrown) => thrown);
    expect(error.message).toMatch(
      /^The loss is no longer finite in epoch 1, from step 3 on: the input holds NaN; try a smaller learning rate\.$/,
    );
    expect(readFileSync(folder.file('checkpoints', file)).equals(good)).toBe(true);
  });

  it('ends the line of its progress on the screen whatever happens', async () => {
    const stderr = vi.mocked(process.stderr.write);
    const isTTY = Object.getOwnPropertyDescriptor(process.stderr, 'isTTY');
    Object.defineProperty(process.stderr, 'isTTY', { value: true, configurable: true });
    try {
      const { folder, data } = await models();
      const { models: all } = await models({ folder, data, signal: stopDuringStep(data.train, 2) });
      await all.trained(recipe).catch(() => {});
    } finally {
      if (isTTY) Object.defineProperty(process.stderr, 'isTTY', isTTY);
      else Reflect.deleteProperty(process.stderr, 'isTTY');
    }
    const written = stderr.mock.calls.map(([text]) => text).join('');
    expect(written).toMatch(/^\rcustom-cnn-ce-adam [█░]+ epoch 1\/2 {2}loss \d\.\d{3} {2}accuracy \d+\.\d %/);
    expect(written.endsWith('\n')).toBe(true);
  });
});
