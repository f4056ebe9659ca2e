import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BatchSource } from '../../src/data/batch_source.ts';
import { createSchedule } from '../../src/nn/schedules/index.ts';
import { isBetter, isOutOfPatience, watchedValue } from '../../src/train/best_epoch.ts';
import { evaluate } from '../../src/train/evaluation.ts';
import { loadCheckpoint, saveCheckpoint } from '../../src/train/files/checkpoint_files.ts';
import { train } from '../../src/train/trainer.ts';
import type { TrainingTask } from '../../src/train/training_task.ts';
import { useGpu } from '../gpu.ts';
import { outcome, stopDuringStep, tinyDataset, tinyTraining } from './tiny_training.ts';

const held = useGpu();

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wgrad-best-epoch-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const record = { loss: 0.5, accuracy: 0.9, balancedAccuracy: 0.6, macroF1: 0.55 };

describe('watchedValue', () => {
  it('is that of the metric asked for, balanced accuracy by default', () => {
    expect(watchedValue(record)).toBe(0.6);
    expect(watchedValue(record, 'balanced-accuracy')).toBe(0.6);
    expect(watchedValue(record, 'macro-f1')).toBe(0.55);
    expect(watchedValue(record, 'accuracy')).toBe(0.9);
    expect(watchedValue(record, 'loss')).toBe(0.5);
  });
});

describe('isBetter', () => {
  it('wants a smaller loss and a larger score, and of equal ones keeps the first', () => {
    const best = { epoch: 1, value: 0.5 };
    expect(isBetter(0.4, undefined)).toBe(true);
    expect([0.4, 0.5, 0.6].map((value) => isBetter(value, best, 'loss'))).toEqual([true, false, false]);
    expect([0.4, 0.5, 0.6].map((value) => isBetter(value, best, 'macro-f1'))).toEqual([false, false, true]);
  });
});

describe('isOutOfPatience', () => {
  const history = (epochs: number) =>
    Array.from({ length: epochs }, (_, i) => ({ epoch: i + 1, loss: 1, accuracy: 0 }));
  it('counts the epochs since the best', () => {
    const best = { epoch: 2, value: 0.5 };
    expect([3, 4, 5].map((epochs) => isOutOfPatience(history(epochs), best, { patience: 3 }))).toEqual([
      false,
      false,
      true,
    ]);
    expect(isOutOfPatience(history(9), best, {})).toBe(false);
    expect(isOutOfPatience(history(9), undefined, { patience: 3 })).toBe(false);
  });
});

describe('a training with validation images', () => {
  /** A training that looks at the test images of the tiny set after each epoch, and sees its rate drop by them. */
  function validated(given: Partial<TrainingTask> = {}) {
    const { gpu } = held;
    const dataset = tinyDataset();
    const task = tinyTraining(gpu, { epochs: 4, lr: 1e-2, choice: { keep: 'best' }, ...given });
    const schedule = createSchedule('reduce-on-plateau', task.optimizer, {
      epochs: 4,
      stepsPerEpoch: 3,
      plateauEpochs: 0,
    });
    return { ...task, schedule, validation: new BatchSource(gpu, dataset, dataset.test) };
  }

  it('looks at validation images after each epoch without changing a bit of what is learnt', async () => {
    const { gpu } = held;
    const plain = tinyTraining(gpu, { epochs: 2 });
    const expected = await outcome(plain, await train(plain));
    const dataset = tinyDataset();
    const task = { ...tinyTraining(gpu, { epochs: 2 }), validation: new BatchSource(gpu, dataset, dataset.test) };
    const training = await train(task);
    const { history, ...found } = await outcome(task, training);
    expect(found).toEqual({ hashes: expected.hashes, scalars: expected.scalars, generator: expected.generator });
    expect(history.map(({ validation: _, ...record }) => record)).toEqual(expected.history);
    const { loss, metrics } = await evaluate({ gpu, model: task.model, source: task.validation, batchSize: 16 });
    const { accuracy, balancedAccuracy, macro } = metrics;
    expect(history[1].validation).toEqual({ loss, accuracy, balancedAccuracy, macroF1: macro.f1 });
  });

  it('keeps the weights of the best epoch, and lowers the rate by the loss on validation images', async () => {
    const task = validated({ choice: { keep: 'best', by: 'loss' } });
    const { history, best } = await train(task);
    const losses = history.map(({ validation }) => validation!.loss);
    expect(best).toMatchObject({ epoch: losses.indexOf(Math.min(...losses)) + 1, value: Math.min(...losses) });
    // Else keeping the last would do as well.
    expect(best!.epoch).toBeLessThan(4);
    const { loss } = await evaluate({ gpu: held.gpu, model: task.model, source: task.validation, batchSize: 16 });
    expect(loss).toBe(best!.value);
    // One drop to a tenth after each epoch whose loss was not the smallest so far.
    const drops = losses.filter((value, i) => i > 0 && value >= Math.min(...losses.slice(0, i))).length;
    expect(task.optimizer.groups[0].lr).toBeCloseTo(1e-2 * 0.1 ** drops, 12);
    const last = validated({ choice: { keep: 'last', by: 'loss' } });
    expect((await train(last)).best).toEqual({ epoch: best!.epoch, value: best!.value });
    const kept = await evaluate({ gpu: held.gpu, model: last.model, source: last.validation, batchSize: 16 });
    expect(kept.loss).toBe(losses[3]);
  });

  it('stops when its patience is at an end, also where it was stopped before', async () => {
    const given = { epochs: 9, choice: { keep: 'best', by: 'accuracy', patience: 2 } } as const;
    const task = validated(given);
    const { history, finished, best } = await train(task);
    expect(finished).toBe(true);
    expect(history.length).toBe(best!.epoch + 2);
    expect(history.length).toBeLessThan(9);
    const again = validated(given);
    const position = { epoch: history.length, step: 0, running: { loss: 0, correct: 0, count: 0 }, history, best };
    const resumed = await train({
      ...again,
      position: { ...position, epochSeconds: [], seconds: 0, generator: held.gpu.generator },
    });
    expect(resumed).toMatchObject({ finished: true, history });
  });

  it.each([2, 3, 4, 7, 9])('goes on to the same bits where validation chooses, stopped in step %i', async (step) => {
    const whole = validated();
    const expected = await train(whole);
    const { hashes } = await outcome(whole, expected);
    const path = join(folder, `validated-${step}.safetensors`);
    const first = validated();
    first.signal = stopDuringStep(first.source, step);
    first.onCheckpoint = (at) => saveCheckpoint(path, first, at, 'tiny');
    expect((await train(first)).finished).toBe(false);
    const second = validated();
    const training = await train({ ...second, position: await loadCheckpoint(path, second, 'tiny') });
    const { history, best } = expected;
    expect(training).toMatchObject({ finished: true, history });
    expect(training.best).toEqual(best);
    expect((await outcome(second, training)).hashes).toEqual(hashes);
  });

  it('is stopped while it looks at the validation images, and looks at them again when it goes on', async () => {
    const expected = await train(validated());
    const path = join(folder, 'in-validation.safetensors');
    const first = validated();
    const controller = new AbortController();
    first.signal = controller.signal;
    const plain = first.validation.plain.bind(first.validation);
    let looks = 0;
    // Two batches of each look: the second look is stopped.
    first.validation.plain = (indices) => {
      if (++looks === 3) controller.abort();
      return plain(indices);
    };
    first.onCheckpoint = (at) => saveCheckpoint(path, first, at, 'tiny');
    const { finished, history } = await train(first);
    expect([finished, history.length]).toEqual([false, 1]);
    const second = validated();
    const position = await loadCheckpoint(path, second, 'tiny');
    expect(position).toMatchObject({ epoch: 1, step: 3 });
    expect(await train({ ...second, position })).toMatchObject({ finished: true, history: expected.history });
  });
});
