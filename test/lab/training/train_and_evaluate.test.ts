import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { configure } from '../../../src/lab/configuration.ts';
import { RunFolder } from '../../../src/lab/run_folder.ts';
import { BatchSource } from '../../../src/lab/training/batch_source.ts';
import { trainAndEvaluate } from '../../../src/lab/training/train_and_evaluate.ts';
import { UserError } from '../../../src/lab/user_error.ts';
import { useGpu } from '../../gpu.ts';
import { stopDuringStep, tinyDataset, tinyTraining } from './tiny_training.ts';

const held = useGpu();
const dataset = tinyDataset();

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'wgrad-train-'));
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(parent, { recursive: true });
});

/** What the lab hands over for a training of two epochs of three steps; by the folder, a new run or one that goes on. */
function task(folder: RunFolder) {
  const { gpu } = held;
  const { model } = tinyTraining(gpu);
  const run = {
    name: 'tiny',
    model,
    train: new BatchSource(gpu, dataset, dataset.train),
    test: new BatchSource(gpu, dataset, dataset.test),
  };
  const configuration = configure('smoke', { data: 'mnist', seed: 42, epochs: 2, batchSize: 16 });
  const context = { gpu, dataset, configuration, folder, say: () => {}, signal: new AbortController().signal };
  return { context, run };
}

const newRun = async () => task(await RunFolder.create(parent, 'tiny'));

describe('trainAndEvaluate', () => {
  it('trains, tests and measures its speed', async () => {
    const { context, run } = await newRun();
    const { finished, training, evaluation, timings } = await trainAndEvaluate(context, run);
    expect(finished).toBe(true);
    expect(training.history).toHaveLength(2);
    expect(evaluation!.metrics.samples).toBe(20);
    expect(timings.epochSeconds).toHaveLength(2);
    expect(timings.trainingSeconds).toBeCloseTo(timings.epochSeconds[0] + timings.epochSeconds[1], 9);
    expect(timings.imagesPerSecond).toBeCloseTo(88 / timings.trainingSeconds, 6);
    expect(timings.evaluationSeconds).toBeGreaterThan(0);
  });

  it('stopped while it tests, it tests again when it goes on, to the same result', async () => {
    const { context, run } = await newRun();
    const whole = await trainAndEvaluate(context, run);

    const stopped = await newRun();
    const controller = new AbortController();
    const plain = stopped.run.test.plain.bind(stopped.run.test);
    stopped.run.test.plain = (indices) => {
      controller.abort();
      return plain(indices);
    };
    const first = await trainAndEvaluate({ ...stopped.context, signal: controller.signal }, stopped.run);
    expect(first).toMatchObject({ finished: false, training: { finished: true } });
    expect(first.evaluation).toBeUndefined();

    const second = task(stopped.context.folder);
    const rest = await trainAndEvaluate(second.context, second.run);
    expect(rest.finished).toBe(true);
    expect(rest.training.history).toEqual(whole.training.history);
    expect(rest.training.epochSeconds).toEqual(first.training.epochSeconds);
    expect(rest.evaluation!.metrics).toEqual(whole.evaluation!.metrics);
    expect(rest.evaluation!.probabilities).toEqual(whole.evaluation!.probabilities);
  });

  it('keeps the last good checkpoint when the training diverges', async () => {
    const { context, run } = await newRun();
    const path = context.folder.file('checkpoints', 'tiny.safetensors');
    await trainAndEvaluate({ ...context, signal: stopDuringStep(run.train, 2) }, run);
    const good = readFileSync(path);

    const second = task(context.folder);
    const augmented = second.run.train.augmented.bind(second.run.train);
    const bias = second.run.model.getModule('classifier.fc2').namedParameters()[1][1];
    second.run.train.augmented = (...args) => {
      held.gpu.write(bias.buffer, new Float32Array(bias.size).fill(Number.NaN));
      return augmented(...args);
    };
    const error = await trainAndEvaluate(second.context, second.run).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(UserError);
    expect(error.message).toMatch(
      /^The loss is no longer finite in epoch 1, by step 3: the parameter \S+ holds NaN; .*\.$/,
    );
    expect(readFileSync(path).equals(good)).toBe(true);
  });

  it('ends the line of its progress on the screen whatever happens', async () => {
    const stderr = vi.mocked(process.stderr.write);
    const isTTY = Object.getOwnPropertyDescriptor(process.stderr, 'isTTY');
    Object.defineProperty(process.stderr, 'isTTY', { value: true, configurable: true });
    try {
      const { context, run } = await newRun();
      await trainAndEvaluate({ ...context, signal: stopDuringStep(run.train, 2) }, run);
    } finally {
      if (isTTY) Object.defineProperty(process.stderr, 'isTTY', isTTY);
      else Reflect.deleteProperty(process.stderr, 'isTTY');
    }
    const written = stderr.mock.calls.map(([text]) => text).join('');
    expect(written).toMatch(/^\rtiny [█░]+ epoch 1\/2 {2}loss \d\.\d{3} {2}accuracy \d+\.\d %/);
    expect(written.endsWith('\n')).toBe(true);
  });
});
