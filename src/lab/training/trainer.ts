import type { Gpu } from '../../kernels/gpu.ts';
import { RunningMetrics } from '../../kernels/running_metrics.ts';
import { findNonFinite } from '../../nn/diagnose.ts';
import type { Loss } from '../../nn/losses/loss.ts';
import type { Module } from '../../nn/module.ts';
import type { Optimizer } from '../../nn/optimizers/optimizer.ts';
import { epochBatches, stepsPerEpoch } from '../data/epoch_batches.ts';
import { UserError } from '../user_error.ts';
import type { Augmentation, BatchSource } from './batch_source.ts';
import type { EpochRecord, TrainingPosition } from './checkpoint.ts';
import { FlowControl } from './flow_control.ts';

/** Seconds between two looks at the loss. */
const TICK = 1;
/** Seconds between two checkpoints within an epoch. */
const CHECKPOINT_INTERVAL = 120;

export interface TrainingTask {
  gpu: Gpu;
  model: Module;
  optimizer: Optimizer;
  /** Mean loss of a batch, []. */
  criterion: Loss;
  source: BatchSource;
  epochs: number;
  batchSize: number;
  seed: number;
  augmentation: Augmentation;
  /** Where to go on from; the beginning if left out. */
  position?: TrainingPosition;
  /** Told about once a second. */
  onProgress?: (progress: TrainingProgress) => void;
  /** Called after each epoch, now and then within a long one, and before a stop, with all steps up to the position done. */
  onCheckpoint?: (position: TrainingPosition) => Promise<void>;
  /** Aborted: the training stops after the step under way, saves a checkpoint and returns. */
  signal?: AbortSignal;
}

export interface TrainingProgress {
  epoch: number;
  epochs: number;
  /** Steps done of all epochs, and their number. */
  step: number;
  steps: number;
  /** Means over the current epoch so far. */
  loss: number;
  accuracy: number;
  imagesPerSecond: number;
}

export interface Training {
  /** False where it was stopped. */
  finished: boolean;
  history: EpochRecord[];
  epochSeconds: number[];
}

/**
 * Trains a model. Batches depend on seed, epoch and step alone and the device's generator is part of the position, so a training that was
 * stopped and taken up again gives the same bits as one that was not.
 * Throws UserError where the loss is no longer finite, naming the layer or parameter where that began.
 */
export async function train(task: TrainingTask): Promise<Training> {
  const { gpu, source, epochs, batchSize, seed } = task;
  const perEpoch = stepsPerEpoch({ count: source.count, batchSize });
  const at = startingPosition(task);
  const metrics = new RunningMetrics(gpu);
  task.model.train();

  while (at.epoch < epochs) {
    metrics.set(at.running);
    const clock = new Clock(at.seconds);
    const before = at.running.count;
    const flow = new FlowControl(gpu);
    let lastTick = clock.seconds;
    let lastCheckpoint = clock.seconds;
    for (const indices of epochBatches({
      count: source.count,
      batchSize,
      seed,
      epoch: at.epoch,
      shuffle: true,
      firstStep: at.step,
    })) {
      trainingStep(task, indices, metrics);
      await flow.step();
      at.step++;
      const stopping = task.signal?.aborted ?? false;
      const last = at.step === perEpoch;
      if (!last && !stopping && clock.seconds - lastTick < TICK) continue;
      lastTick = clock.seconds;
      at.running = await metrics.read();
      at.seconds = clock.seconds;
      at.generator = gpu.generator;
      const { loss, correct, count } = at.running;
      if (!Number.isFinite(loss)) await explainNonFinite(task, indices, at);
      task.onProgress?.({
        epoch: at.epoch + 1,
        epochs,
        step: at.epoch * perEpoch + at.step,
        steps: epochs * perEpoch,
        loss: loss / count,
        accuracy: correct / count,
        imagesPerSecond: (count - before) / clock.elapsed,
      });
      if (last) break;
      if (stopping || clock.seconds - lastCheckpoint > CHECKPOINT_INTERVAL) {
        lastCheckpoint = clock.seconds;
        await task.onCheckpoint?.(structuredClone(at));
      }
      if (stopping) return { finished: false, history: at.history, epochSeconds: at.epochSeconds };
    }
    finishEpoch(at);
    await task.onCheckpoint?.(structuredClone(at));
    if (task.signal?.aborted)
      return { finished: at.epoch >= epochs, history: at.history, epochSeconds: at.epochSeconds };
  }
  return { finished: true, history: at.history, epochSeconds: at.epochSeconds };
}

/** Forward, backward and update for one batch; nothing in it waits for the device. */
function trainingStep(
  { gpu, model, optimizer, criterion, source, augmentation }: TrainingTask,
  indices: Uint32Array,
  metrics: RunningMetrics,
): void {
  gpu.scope(() => {
    const { images, labels } = source.augmented(indices, augmentation);
    optimizer.zeroGrad();
    const logits = model.call(images);
    const loss = criterion.call(logits, labels);
    metrics.add(loss.buffer, logits.buffer, labels.buffer);
    loss.backward();
    optimizer.step();
  });
}

function startingPosition({ gpu, position }: TrainingTask): TrainingPosition {
  if (position) {
    gpu.generator = position.generator;
    return structuredClone(position);
  }
  return {
    epoch: 0,
    step: 0,
    running: { loss: 0, correct: 0, count: 0 },
    history: [],
    epochSeconds: [],
    seconds: 0,
    generator: gpu.generator,
  };
}

/** Books the epoch and moves on to the beginning of the next one. */
function finishEpoch(at: TrainingPosition): void {
  const { loss, correct, count } = at.running;
  at.history.push({ epoch: at.epoch + 1, loss: loss / count, accuracy: correct / count });
  at.epochSeconds.push(at.seconds);
  at.epoch++;
  at.step = 0;
  at.running = { loss: 0, correct: 0, count: 0 };
  at.seconds = 0;
}

async function explainNonFinite(task: TrainingTask, indices: Uint32Array, at: TrainingPosition): Promise<never> {
  const { images } = task.source.plain(indices);
  const where = await findNonFinite(task.model, images);
  throw new UserError(
    `The loss is no longer finite in epoch ${at.epoch + 1}, by step ${at.step}${where ? `: ${where}` : ''}; try a smaller learning rate.`,
  );
}

/** Seconds of work on an epoch, those before an interruption included. */
class Clock {
  #before: number;
  #start = performance.now();

  constructor(before: number) {
    this.#before = before;
  }

  /** Since this process took the epoch up. */
  get elapsed(): number {
    return (performance.now() - this.#start) / 1000;
  }

  get seconds(): number {
    return this.#before + this.elapsed;
  }
}
