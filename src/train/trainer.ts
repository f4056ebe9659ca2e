import type { BatchSource } from '../data/batch_source.ts';
import { orderedBatches } from '../data/ordered_batches.ts';
import type { Sampler } from '../data/samplers/sampler.ts';
import { shuffledSampler } from '../data/samplers/shuffled_sampler.ts';
import { RunningMetrics } from '../kernels/running_metrics.ts';
import type { GradScaler } from '../nn/grad_scaler.ts';
import type { Module } from '../nn/module.ts';
import { downloadTensors, type HostTensor, uploadTensors } from '../nn/weights/host_tensor.ts';
import { isBetter, isOutOfPatience, watchedValue } from './best_epoch.ts';
import type { TrainingPosition } from './checkpoint.ts';
import { checkedStep, explainDivergence } from './divergence.ts';
import type { EpochRecord, ValidationRecord } from './epoch_record.ts';
import { evaluate, NonFiniteOutput } from './evaluation.ts';
import { FlowControl } from './flow_control.ts';
import { checkScale, namingLayers, scalerOf } from './half_precision.ts';
import { cutEpoch, type EpochCut, stepsPerEpoch } from './last_batch.ts';
import { StepLog } from './step_log.ts';
import { trainingStep } from './training_step.ts';
import { type Training, TrainingDiverged, type TrainingTask } from './training_task.ts';

/** Seconds between two looks at the loss. */
const TICK = 1;
/** Seconds between two checkpoints within an epoch. */
const CHECKPOINT_INTERVAL = 120;

/**
 * Trains a model. Batches depend on seed, epoch and step alone, and the position holds the state of the device's generator. So a training that was
 * stopped and goes on gives the same bits as one that was not stopped.
 * In half precision a step whose loss or gradients are not finite is skipped.
 * Throws TrainingDiverged where the loss is no longer finite; it names the first operation and layer whose output or gradient was not. Throws
 * UserError where an epoch has no batch to learn from, or something has no half-precision form.
 */
export async function train<M extends Module>(task: TrainingTask<M>): Promise<Training> {
  const scaler = scalerOf(task);
  // A step that is not finite is skipped in half precision: there is none to be done again.
  const log = new StepLog(task, { keeps: scaler === undefined });
  try {
    return await runEpochs({ ...task, scaler }, log);
  } finally {
    log.release();
  }
}

async function runEpochs<M extends Module>(task: ScaledTask<M>, log: StepLog): Promise<Training> {
  const { model, source, epochs, batchSize, seed } = task;
  const { sampler = shuffledSampler({ labels: source.labels, seed }) } = task;
  if (task.detectAnomaly && task.watchStep)
    throw new RangeError('train: detectAnomaly and watchStep exclude each other.');
  const at = startingPosition(task);
  const metrics = new RunningMetrics(task.gpu, { tolerant: task.scaler !== undefined });
  if (task.setMode) task.setMode(model);
  else model.train();
  const cut = cutEpoch(model, source.imageShape, { count: sampler.count, batchSize, dropLast: task.dropLast ?? false });
  const isDone = () => at.epoch >= epochs || isOutOfPatience(at.history, at.best, task.choice ?? {});
  const ending = () => ({
    ...{ finished: isDone(), history: at.history, epochSeconds: at.epochSeconds, best: at.best },
    ...(at.scaler && { skippedSteps: at.scaler.skippedSteps }),
  });
  const checkpoint = () => task.onCheckpoint?.(snapshot(at));

  while (!isDone()) {
    if (!(await runSteps(task, { log, at, cut, metrics, sampler, checkpoint }))) return ending();
    const { loss, correct, count } = at.running;
    const record: EpochRecord = { epoch: at.epoch + 1, loss: loss / count, accuracy: correct / count };
    if (task.validation) {
      try {
        record.validation = await validate(task, task.validation);
      } catch (error) {
        if (!task.signal?.aborted || error !== task.signal.reason) throw error;
        await checkpoint();
        return ending();
      }
      await noteBest(task, at, record.validation);
    }
    if (task.schedule?.per === 'epoch') {
      const value = record.validation?.loss ?? record.loss;
      log.endEpoch(value);
      task.schedule.step(value);
    }
    finishEpoch(at, record);
    await checkpoint();
    if (task.signal?.aborted) break;
  }
  if (isDone() && task.choice?.keep === 'best' && at.best?.weights) putBack(task, at.best.weights);
  return ending();
}

/** A training, with the scaler of its loss in half precision. */
type ScaledTask<M extends Module> = TrainingTask<M> & { scaler?: GradScaler };

/** What the parts of an epoch have in common. */
interface Epoch {
  log: StepLog;
  /** Moved on as steps are done. */
  at: TrainingPosition;
  cut: EpochCut;
  metrics: RunningMetrics;
  sampler: Sampler;
  checkpoint: () => Promise<void> | undefined;
}

/** Does the steps that are left of an epoch. False where it was stopped before the last of them. */
async function runSteps<M extends Module>(task: ScaledTask<M>, epoch: Epoch): Promise<boolean> {
  const { gpu, epochs, batchSize, schedule } = task;
  const { log, at, cut, metrics, sampler, checkpoint } = epoch;
  const { dropLast } = cut;
  const perEpoch = stepsPerEpoch(cut);
  task.criterion.setEpoch?.(at.epoch);
  metrics.set(at.running);
  const clock = new Clock(at.seconds);
  const before = at.running.count;
  const flow = new FlowControl(gpu);
  let lastTick = clock.seconds;
  let lastCheckpoint = clock.seconds;
  const firstStep = at.step;
  for (const indices of orderedBatches(sampler.epochOrder(at.epoch), { batchSize, firstStep, dropLast })) {
    log.add({ epoch: at.epoch, step: at.step, indices });
    if (task.detectAnomaly) await checkedStep(task, { epoch: at.epoch, step: at.step, indices }, metrics);
    else namingLayers(task.model, () => trainingStep(task, indices, at.epoch, metrics));
    if (schedule?.per === 'step') schedule.step();
    await flow.step();
    at.step++;
    const stopping = task.signal?.aborted ?? false;
    const last = at.step === perEpoch;
    if (!last && !stopping && clock.seconds - lastTick < TICK) continue;
    lastTick = clock.seconds;
    const { firstBad, ...running } = await metrics.read();
    at.running = running;
    if (task.scaler) {
      at.scaler = await task.scaler.read();
      checkScale(at.scaler, { epoch: at.epoch, count: last ? running.count : undefined });
    }
    at.seconds = clock.seconds;
    at.generator = gpu.generator;
    const { loss, correct, count } = running;
    if (firstBad !== undefined) throw await explainDivergence(task, log, at.epoch, firstStep + firstBad);
    log.wasWell();
    task.onProgress?.({
      epoch: at.epoch + 1,
      epochs,
      step: at.epoch * perEpoch + at.step,
      steps: epochs * perEpoch,
      loss: loss / count,
      accuracy: correct / count,
      imagesPerSecond: (count - before) / clock.elapsed,
      validation: at.history.at(-1)?.validation,
    });
    if (last) return true;
    if (stopping || clock.seconds - lastCheckpoint > CHECKPOINT_INTERVAL) {
      lastCheckpoint = clock.seconds;
      await checkpoint();
    }
    if (stopping) return false;
  }
  // All were done before: it was stopped while the validation images were looked at.
  return true;
}

/** How the model does on the validation images. Leaves the device's generator where it stands. */
async function validate<M extends Module>(
  { gpu, model, batchSize, signal }: TrainingTask<M>,
  source: BatchSource,
): Promise<ValidationRecord> {
  const { generator } = gpu;
  const { loss, metrics } = await evaluate({ gpu, model, source, batchSize, signal }).catch((error) => {
    if (!(error instanceof NonFiniteOutput)) throw error;
    throw new TrainingDiverged(`After an epoch ${error.clause} on the validation images; try a smaller learning rate.`);
  });
  gpu.generator = generator;
  const { accuracy, balancedAccuracy, macro } = metrics;
  return { loss, accuracy, balancedAccuracy, macroF1: macro.f1 };
}

/** Notes the epoch that ends as the best one where it is. */
async function noteBest<M extends Module>(
  { model, choice = {} }: TrainingTask<M>,
  at: TrainingPosition,
  record: ValidationRecord,
): Promise<void> {
  const value = watchedValue(record, choice.by);
  if (!isBetter(value, at.best, choice.by)) return;
  const weights = choice.keep === 'best' ? await downloadTensors(model.stateDict()) : undefined;
  at.best = { epoch: at.epoch + 1, value, ...(weights && { weights }) };
}

function putBack<M extends Module>({ gpu, model }: TrainingTask<M>, weights: ReadonlyMap<string, HostTensor>): void {
  gpu.scope(() => model.loadStateDict(uploadTensors(gpu, weights), { strict: true }));
}

/** The position as it is now. The best epoch's weights, which nobody changes, are not copied. */
function snapshot({ best, ...at }: TrainingPosition): TrainingPosition {
  return { ...structuredClone(at), ...(best && { best }) };
}

function startingPosition({ gpu, position }: Pick<TrainingTask, 'gpu' | 'position'>): TrainingPosition {
  if (position) {
    gpu.generator = position.generator;
    return snapshot(position);
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
function finishEpoch(at: TrainingPosition, record: EpochRecord): void {
  at.history.push(record);
  at.epochSeconds.push(at.seconds);
  at.epoch++;
  at.step = 0;
  at.running = { loss: 0, correct: 0, count: 0 };
  at.seconds = 0;
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
