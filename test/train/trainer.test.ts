import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { scale } from '../../src/autograd/ops/elementwise.ts';
import { record } from '../../src/autograd/record.ts';
import type { Tensor } from '../../src/autograd/tensor.ts';
import { BatchSource } from '../../src/data/batch_source.ts';
import { balancedSampler } from '../../src/data/samplers/index.ts';
import { copy, fill } from '../../src/kernels/elementwise.ts';
import { CifarResNet } from '../../src/nn/models/cifar_resnet.ts';
import { EfficientNetB0 } from '../../src/nn/models/efficientnet_b0.ts';
import { SGD } from '../../src/nn/optimizers/sgd.ts';
import { createSchedule } from '../../src/nn/schedules/index.ts';
import { openDevice } from '../../src/node.ts';
import { UserError } from '../../src/runtime/errors.ts';
import { evaluate } from '../../src/train/evaluation.ts';
import { loadCheckpoint, saveCheckpoint } from '../../src/train/files/checkpoint_files.ts';
import { train } from '../../src/train/trainer.ts';
import { type Objective, TrainingDiverged, type TrainingTask } from '../../src/train/training_task.ts';
import { useGpu } from '../gpu.ts';
import { outcome, stopDuringStep, tinyDataset, tinyTraining } from './tiny_training.ts';

const held = useGpu({ fences: false });

afterEach(() => {
  vi.restoreAllMocks();
});

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wgrad-trainer-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('train', () => {
  it('learns: the loss falls, and test images are told apart', async () => {
    const task = tinyTraining(held.gpu, {
      epochs: 15,
      lr: 5e-3,
      dropout: 0,
      augmentation: { cropPadding: 1, flip: 0 },
    });
    const { history, finished, epochSeconds } = await train(task);
    expect(finished).toBe(true);
    expect(history.map(({ epoch }) => epoch)).toEqual(Array.from({ length: 15 }, (_, i) => i + 1));
    expect(epochSeconds).toHaveLength(15);
    // Four classes by guessing: ln 4 = 1.386.
    expect(history[0].loss).toBeGreaterThan(1);
    expect(history[14].loss).toBeLessThan(0.3);
    expect(history[14].accuracy).toBeGreaterThan(0.9);
    const dataset = tinyDataset();
    const test = new BatchSource(held.gpu, dataset, dataset.test);
    const { metrics } = await evaluate({ gpu: held.gpu, model: task.model, source: test, batchSize: 16 });
    expect(metrics.accuracy).toBeGreaterThan(0.9);
  });

  it('gives the same bits when it is stopped at any step and taken up again', async () => {
    const { gpu } = held;
    const whole = tinyTraining(gpu, { epochs: 2 });
    const expected = await outcome(whole, await train(whole));
    const steps = 6; // 44 images in batches of 16, 2 epochs
    for (let stop = 1; stop < steps; stop++) {
      const path = join(folder, `${stop}.safetensors`);
      const first = tinyTraining(gpu, { epochs: 2 });
      first.signal = stopDuringStep(first.source, stop);
      first.onCheckpoint = (at) => saveCheckpoint(path, first, at, 'tiny');
      const stopped = await train(first);
      expect(stopped.finished, `stopped at step ${stop}`).toBe(false);
      expect(stopped.history).toEqual(expected.history.slice(0, Math.floor(stop / 3)));

      // A new process: other first weights, and a generator that stands elsewhere.
      const second = tinyTraining(gpu, { epochs: 2, modelSeed: 7 });
      gpu.generator = { seed: 1, stream: 2, offset: 3 };
      const position = await loadCheckpoint(path, second, 'tiny');
      expect([position.epoch, position.step]).toEqual([Math.floor(stop / 3), stop % 3]);
      expect(await outcome(second, await train({ ...second, position })), `stopped at step ${stop}`).toEqual(expected);
    }
  });

  it('takes up sampler, schedule, clipping and objective where they stood, to the same bits', async () => {
    const { gpu } = held;
    const made = () => {
      const task = tinyTraining(gpu, { epochs: 2 });
      const seen: string[] = [];
      const { labels, classes } = task.source;
      return {
        ...task,
        seen,
        sampler: balancedSampler({ labels, classes, seed: 42 }),
        schedule: createSchedule('one-cycle', task.optimizer, { epochs: 2, stepsPerEpoch: 3 }),
        clipNorm: 0.05,
        objective: ((model, batch, epoch) => {
          seen.push(`${epoch}: ${task.optimizer.groups[0].lr.toFixed(6)}`);
          const logits = model.call(batch.images);
          return { loss: task.criterion.call(scale(logits, 2), batch.labels), logits };
        }) satisfies Objective,
      };
    };
    const whole = made();
    const expected = await outcome(whole, await train(whole));
    expect(new Set(whole.seen.map((line) => line.split(' ')[1])).size).toBe(6);
    // Each part has a say in the outcome.
    for (const part of ['sampler', 'schedule', 'clipNorm', 'objective'] as const) {
      const without = made();
      const { hashes } = await outcome(without, await train({ ...without, [part]: undefined }));
      expect(hashes, part).not.toEqual(expected.hashes);
    }
    const path = join(folder, 'parts.safetensors');
    const first = made();
    first.signal = stopDuringStep(first.source, 4);
    first.onCheckpoint = (at) => saveCheckpoint(path, first, at, 'tiny');
    expect((await train(first)).finished).toBe(false);
    const second = made();
    const position = await loadCheckpoint(path, second, 'tiny');
    expect(await outcome(second, await train({ ...second, position }))).toEqual(expected);
    expect([...first.seen, ...second.seen]).toEqual(whole.seen);
  });

  it('moves a schedule by epochs on after each, and tells the loss the epoch before its first step', async () => {
    const task = tinyTraining(held.gpu, { epochs: 3 });
    const rates: number[] = [];
    const epochs: number[] = [];
    const { criterion } = task;
    await train({
      ...task,
      schedule: createSchedule('step', task.optimizer, { epochs: 3, stepsPerEpoch: 3 }),
      criterion: {
        setEpoch: (epoch) => epochs.push(epoch),
        call: (logits, targets) => {
          rates.push(task.optimizer.groups[0].lr);
          return criterion.call(logits, targets);
        },
      },
    });
    expect(epochs).toEqual([0, 1, 2]);
    expect(rates.map((rate) => rate.toFixed(8))).toEqual(
      [1e-3, 1e-4, 1e-5].flatMap((rate) => Array(3).fill(rate.toFixed(8))),
    );
  });

  it('trains towards soft targets where a batch has them, and counts right predictions by labels', async () => {
    const task = tinyTraining(held.gpu, { epochs: 1, augmentation: { mix: { kind: 'mixup', alpha: 0.5 } } });
    const kinds: string[] = [];
    const { criterion } = task;
    const call: typeof criterion.call = (logits, targets) => {
      kinds.push(`[${targets.shape}]`);
      return criterion.call(logits, targets);
    };
    const { history } = await train({ ...task, criterion: { call } });
    expect(kinds).toEqual(['[16,4]', '[16,4]', '[12,4]']);
    expect(history[0].accuracy * 44).toBeCloseTo(Math.round(history[0].accuracy * 44), 9);
  });

  it('stopped in its last step is finished', async () => {
    const task = tinyTraining(held.gpu, { epochs: 1 });
    expect((await train({ ...task, signal: stopDuringStep(task.source, 3) })).finished).toBe(true);
  });

  it('puts the model into training mode', async () => {
    const task = tinyTraining(held.gpu, { epochs: 1 });
    const before = await outcome(task, await train(task));
    const evaluating = tinyTraining(held.gpu, { epochs: 1 });
    evaluating.model.eval();
    expect(await outcome(evaluating, await train(evaluating))).toEqual(before);
  });

  it('depends on the seed', async () => {
    const losses = [];
    for (const seed of [42, 42, 43]) losses.push((await train(tinyTraining(held.gpu, { seed, epochs: 1 }))).history[0]);
    expect(losses[1]).toEqual(losses[0]);
    expect(losses[2]).not.toEqual(losses[0]);
  });

  it('holds the bytes in use constant over 102 steps and makes nothing new after its first epoch', async () => {
    // A device of its own: elsewhere the garbage collector gives back what other trainings left.
    const gpu = await openDevice({ seed: 42 });
    const seen: { live: number; buffers: number; bindGroups: number; pipelines: number }[] = [];
    const onCheckpoint = async () => {
      const { buffers, bindGroups, pipelines } = gpu.counters;
      seen.push({ live: gpu.memory.liveBytes, buffers, bindGroups, pipelines });
    };
    try {
      await train(tinyTraining(gpu, { epochs: 34, onCheckpoint }));
    } finally {
      gpu.close();
    }
    expect(seen).toHaveLength(34);
    expect(seen[0].live).toBeGreaterThan(0);
    for (const epoch of seen) expect(epoch).toEqual(seen[0]);
  });

  it('reports means over the epoch so far, and its checkpoints agree with its history', async () => {
    const positions: number[] = [];
    const progress: { step: number; loss: number; accuracy: number }[] = [];
    const { history } = await train(
      tinyTraining(held.gpu, {
        onCheckpoint: async ({ epoch, step, history }) => {
          expect(history).toHaveLength(epoch);
          positions.push(epoch, step);
        },
        onProgress: (seen) => progress.push(seen),
      }),
    );
    expect(positions).toEqual([1, 0, 2, 0, 3, 0]);
    const ends = progress.filter(({ step }) => step % 3 === 0);
    expect(ends).toMatchObject([
      { step: 3, steps: 9, epoch: 1, epochs: 3 },
      { step: 6, steps: 9, epoch: 2, epochs: 3 },
      { step: 9, steps: 9, epoch: 3, epochs: 3 },
    ]);
    expect(ends.map(({ loss, accuracy }) => ({ loss, accuracy }))).toEqual(
      history.map(({ loss, accuracy }) => ({ loss, accuracy })),
    );
  });

  /** The message by which a training that diverges ends. */
  async function divergence(task: TrainingTask): Promise<string> {
    let checkpoints = 0;
    const { liveBytes } = held.gpu.memory;
    const error = await train({ ...task, onCheckpoint: async () => void checkpoints++ }).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(TrainingDiverged);
    expect(error).toBeInstanceOf(UserError);
    expect(checkpoints).toBe(0);
    // The optimizer's moments and the gradients are there now; the log of the steps is not.
    expect(held.gpu.memory.liveBytes - liveBytes).toBeLessThan(2 ** 21);
    return error.message;
  }

  it('names a parameter that was not finite to begin with, and the first step', async () => {
    const task = tinyTraining(held.gpu);
    const weight = task.model.namedParameters().find(([name]) => name === 'features.block2.conv1.weight')![1];
    const values = new Float32Array(weight.size);
    values[5] = Number.NaN;
    held.gpu.write(weight.buffer, values);
    expect(await divergence(task)).toBe(
      'The loss is no longer finite in epoch 1, from step 1 on: the parameter features.block2.conv1.weight holds NaN; try a smaller learning rate.',
    );
  });

  it('names the operation and layer whose output was the first that was not finite, and its step', async () => {
    const task = tinyTraining(held.gpu);
    const conv = task.model.getModule('features.block3.conv1');
    const forward = conv.forward.bind(conv);
    let calls = 0;
    // 44 images in batches of 16: the second step, here and when it is done again.
    conv.forward = (x) =>
      x.shape[0] === 16 && calls++ % 2 === 1 ? scale(forward(x), Number.POSITIVE_INFINITY) : forward(x);
    expect(await divergence(task)).toMatch(
      /^The loss is no longer finite in epoch 1, from step 2 on: the output of scale in features\.block3\.conv1 \(Conv2d\) holds (NaN|-?Infinity); try/,
    );
  });

  it('names the layer at which a gradient was the first that was not finite, in the step before the loss was', async () => {
    // The log of steps reaches back a second: on a machine that is busy, a step may take as long.
    vi.spyOn(performance, 'now').mockReturnValue(0);
    const task = tinyTraining(held.gpu);
    const spoilt = (x: Tensor) =>
      record('spoilt', {
        inputs: [x],
        output: copy(x.buffer),
        shape: x.shape,
        backward: (dy) => [x.shape[0] === 16 ? dy : fill(x.gpu, dy.length, Number.NaN)],
      });
    // The last batch of an epoch, of 12 images, has the gradient; the loss shows it in the next epoch.
    const objective: Objective = (model, { images, labels }) => {
      const logits = model.call(images);
      return { loss: task.criterion.call(spoilt(logits), labels), logits };
    };
    const message = await train({ ...task, objective }).catch(({ message }) => message);
    expect(message).toBe(
      'The loss is no longer finite in epoch 2, from step 1 on: the gradient of the output of add in classifier.fc2 (Linear) holds NaN; try a smaller learning rate.',
    );
  });

  it('names the update where the learning rate makes it diverge', async () => {
    expect(await divergence(tinyTraining(held.gpu, { lr: 1e30 }))).toMatch(
      /^The loss is no longer finite in epoch 1, from step 2 on: .* (holds|to) \S+; try a smaller learning rate\.$/,
    );
    expect(await divergence(tinyTraining(held.gpu, { lr: 1e39 }))).toMatch(
      /from step 2 on: the update of step 1 sets the parameter features\.\S+ to -?(NaN|Infinity); try/,
    );
  });

  it('by detectAnomaly names the same while the loss is still finite, and leaves no trace otherwise', async () => {
    const { gpu } = held;
    const plain = tinyTraining(gpu, { epochs: 1, clipNorm: 0.5 });
    const expected = await outcome(plain, await train(plain));
    const checked = tinyTraining(gpu, { epochs: 1, clipNorm: 0.5, detectAnomaly: true });
    expect(await outcome(checked, await train(checked))).toEqual(expected);

    const task = tinyTraining(gpu, { detectAnomaly: true });
    let steps = 0;
    // Finite itself, of a gradient that is not.
    task.objective = (model, { images, labels }) => {
      const logits = model.call(images);
      const infinite = (x: Tensor) =>
        record('kink', {
          inputs: [x],
          output: copy(x.buffer),
          shape: x.shape,
          backward: (dy) => [++steps < 3 ? dy : fill(gpu, dy.length, Number.POSITIVE_INFINITY)],
        });
      return { loss: task.criterion.call(infinite(logits), labels), logits };
    };
    const before = await outcome(task, { finished: false, history: [], epochSeconds: [] });
    expect(await divergence(task)).toMatch(
      /^In step 3 of epoch 1 the gradient of the output of \S+ in classifier\.\S+ \(Linear\) holds Infinity; try a smaller learning rate\.$/,
    );
    const after = await outcome(task, { finished: false, history: [], epochSeconds: [] });
    expect(after.hashes).not.toEqual(before.hashes);
    for (const [name, tensor] of task.model.stateDict()) {
      expect([...(await tensor.data())].every(Number.isFinite), name).toBe(true);
    }
    const both = tinyTraining(gpu, { detectAnomaly: true, watchStep: (step) => void step() });
    await expect(train(both)).rejects.toThrow('exclude each other');
  });

  it('leaves out a last batch of one image that a batch norm cannot learn from', async () => {
    const { gpu } = held;
    const dataset = tinyDataset(22);
    const source = new BatchSource(gpu, dataset, dataset.train);
    const sizes: number[] = [];
    const augmented = source.augmented.bind(source);
    source.augmented = (indices, ...rest) => {
      sizes.push(indices.length);
      return augmented(indices, ...rest);
    };
    const task = { ...tinyTraining(gpu, { epochs: 2 }), source, batchSize: 7 };
    const model = new EfficientNetB0(gpu, { width: 1 / 8, classes: 4, imageSize: 8 });
    const optimizer = new SGD(model.parameters(), { lr: 0.01 });
    expect((await train({ ...task, model, optimizer })).finished).toBe(true);
    expect(sizes).toEqual([7, 7, 7, 7, 7, 7]);
    sizes.length = 0;
    // ResNet-20's batch norms see 2 × 2 pixels here: its last batch of one image stays.
    const other = new CifarResNet(gpu, 20, { width: 1 / 8, classes: 4, imageSize: 8 });
    await train({ ...task, model: other, optimizer: new SGD(other.parameters(), { lr: 0.01 }), epochs: 1 });
    expect(sizes).toEqual([7, 7, 7, 1]);
    sizes.length = 0;
    await train({ ...tinyTraining(gpu, { epochs: 1 }), source, batchSize: 8, dropLast: true });
    expect(sizes).toEqual([8, 8]);
  });
});
