import type { Tensor } from '../autograd/tensor.ts';
import type { Augmentation, Batch, BatchSource } from '../data/batch_source.ts';
import { orderedBatches } from '../data/ordered_batches.ts';
import type { Sampler } from '../data/samplers/sampler.ts';
import { shuffledSampler } from '../data/samplers/shuffled_sampler.ts';
import { RunningMetrics } from '../kernels/running_metrics.ts';
import { clipGradNorm } from '../nn/clip_grad.ts';
import { findNonFiniteInStep } from '../nn/diagnose.ts';
import type { Loss } from '../nn/losses/loss.ts';
import type { Module } from '../nn/module.ts';
import type { Optimizer } from '../nn/optimizers/optimizer.ts';
import type { Schedule } from '../nn/schedules/schedule.ts';
import { downloadTensors, type HostTensor, uploadTensors } from '../nn/weights/host_tensor.ts';
import { UserError } from '../runtime/errors.ts';
import type { Gpu } from '../runtime/gpu.ts';
import { type BestEpoch, type EpochChoice, isBetter, isOutOfPatience, watchedValue } from './best_epoch.ts';
import type { TrainingPosition } from './checkpoint.ts';
import type { EpochRecord, ValidationRecord } from './epoch_record.ts';
import { evaluate, NonFiniteOutput } from './evaluation.ts';
import { FlowControl } from './flow_control.ts';
import { cutEpoch, type EpochCut, stepsPerEpoch } from './last_batch.ts';
import { type LoggedStep, StepLog } from './step_log.ts';

/** Seconds between two looks at the loss. */
const TICK = 1;
/** Seconds between two checkpoints within an epoch. */
const CHECKPOINT_INTERVAL = 120;

/** A training whose loss is no longer a number: there is nothing to go on from. */
export class TrainingDiverged extends UserError {
  override readonly name = 'TrainingDiverged';
}

/** What training makes small on a batch: its mean loss, [], and the logits, [B, C], by which the running accuracy is counted. */
export type Objective<M extends Module = Module> = (
  model: M,
  batch: Batch,
  /** From 0. */
  epoch: number,
) => { loss: Tensor; logits: Tensor };

/** What is trained on what, and how. */
export interface TrainingTask<M extends Module = Module> {
  gpu: Gpu;
  model: M;
  optimizer: Optimizer;
  /** Mean loss of a batch, []. Told each epoch before its first step. */
  criterion: Loss;
  /** Default: the criterion on the model's logits and the batch's soft targets, or its labels. */
  objective?: Objective<M>;
  source: BatchSource;
  /** Images to look at after each epoch. */
  validation?: BatchSource;
  /** By which epochs are chosen; needs validation images. Default: the last is kept. */
  choice?: EpochChoice;
  epochs: number;
  batchSize: number;
  /** Leave out the last batch of an epoch where it is smaller. Default: only where it is one image that a batch norm cannot learn from. */
  dropLast?: boolean;
  seed: number;
  augmentation: Augmentation;
  /** Default: every image once an epoch, shuffled. */
  sampler?: Sampler;
  /** Default: the learning rate stays as it is. */
  schedule?: Schedule;
  /** Norm to which all gradients together are scaled down before a step. Default: they stay as they are. */
  clipNorm?: number;
  /** Puts the model into the mode for training. Default: `model.train()`. For networks of which a part stays in evaluation mode. */
  setMode?: (model: M) => void;
  /** Where to go on from; the beginning if left out. */
  position?: TrainingPosition;
  /** Told about once a second. */
  onProgress?: (progress: TrainingProgress) => void;
  /** Called after each epoch, now and then within a long one, and before a stop, with all steps up to the position done. */
  onCheckpoint?: (position: TrainingPosition) => Promise<void>;
  /** Aborted: the training stops after the step under way, saves a checkpoint and returns. */
  signal?: AbortSignal;
}

/** Where a training is. */
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
  /** How the epoch before did on the validation images. */
  validation?: ValidationRecord;
}

/** How a training went. */
export interface Training {
  /** False where it was stopped. */
  finished: boolean;
  history: EpochRecord[];
  epochSeconds: number[];
  /** The best epoch on the validation images. */
  best?: BestEpoch;
}

/**
 * Trains a model. Batches depend on seed, epoch and step alone, and the position holds the state of the device's generator. So a training that was
 * stopped and goes on gives the same bits as one that was not stopped.
 * Throws TrainingDiverged where the loss is no longer finite; it names the first operation and layer whose output or gradient was not. Throws
 * UserError where an epoch has no batch to learn from.
 */
export async function train<M extends Module>(task: TrainingTask<M>): Promise<Training> {
  const log = new StepLog(task);
  try {
    return await runEpochs(task, log);
  } finally {
    log.release();
  }
}

async function runEpochs<M extends Module>(task: TrainingTask<M>, log: StepLog): Promise<Training> {
  const { model, source, epochs, batchSize, seed } = task;
  const { sampler = shuffledSampler({ labels: source.labels, seed }) } = task;
  const at = startingPosition(task);
  const metrics = new RunningMetrics(task.gpu);
  if (task.setMode) task.setMode(model);
  else model.train();
  const cut = cutEpoch(model, source.imageShape, { count: sampler.count, batchSize, dropLast: task.dropLast ?? false });
  const isDone = () => at.epoch >= epochs || isOutOfPatience(at.history, at.best, task.choice ?? {});
  const ending = () => ({ finished: isDone(), history: at.history, epochSeconds: at.epochSeconds, best: at.best });
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
async function runSteps<M extends Module>(task: TrainingTask<M>, epoch: Epoch): Promise<boolean> {
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
    trainingStep(task, indices, at.epoch, metrics);
    if (schedule?.per === 'step') schedule.step();
    await flow.step();
    at.step++;
    const stopping = task.signal?.aborted ?? false;
    const last = at.step === perEpoch;
    if (!last && !stopping && clock.seconds - lastTick < TICK) continue;
    lastTick = clock.seconds;
    const { firstBad, ...running } = await metrics.read();
    at.running = running;
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

/** Forward, backward and update for one batch; nothing in it waits for the device. */
function trainingStep<M extends Module>(
  { gpu, model, optimizer, criterion, source, augmentation, objective, clipNorm }: TrainingTask<M>,
  indices: Uint32Array,
  epoch: number,
  metrics?: RunningMetrics,
): void {
  gpu.scope(() => {
    const batch = source.augmented(indices, augmentation);
    optimizer.zeroGrad();
    const { loss, logits } = objective?.(model, batch, epoch) ?? classify(model, batch, criterion);
    metrics?.add(loss.buffer, logits.buffer, batch.labels.buffer);
    loss.backward();
    if (clipNorm !== undefined) clipGradNorm(model.parameters(), clipNorm);
    optimizer.step();
  });
}

function classify(model: Module, { images, labels, softTargets }: Batch, criterion: Loss) {
  const logits = model.call(images);
  return { loss: criterion.call(logits, softTargets ?? labels), logits };
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

/**
 * Goes back to the last moment at which all was well and does the steps since then again, up to the one whose loss was not finite. Looks closely at
 * that step and at the one before it, whose update may have broken a parameter.
 */
async function explainDivergence<M extends Module>(
  task: TrainingTask<M>,
  log: StepLog,
  epoch: number,
  step: number,
): Promise<TrainingDiverged> {
  const bad = log.steps.findIndex((one) => one.epoch === epoch && one.step === step);
  log.restore();
  let where: string | undefined;
  for (const [i, logged] of log.steps.slice(0, bad + 1).entries()) {
    task.criterion.setEpoch?.(logged.epoch);
    if (i < bad - 1) trainingStep(task, logged.indices, logged.epoch);
    else where = await lookCloselyAt(task, logged);
    if (where !== undefined) break;
    moveSchedule(task, logged, log.steps[i + 1]);
  }
  return new TrainingDiverged(
    `The loss is no longer finite in epoch ${epoch + 1}, from step ${step + 1} on${where === undefined ? '' : `: ${where}`}; try a smaller learning rate.`,
  );
}

/** Does a step and says what in it is not finite first. */
async function lookCloselyAt<M extends Module>(
  task: TrainingTask<M>,
  { epoch, step, indices }: LoggedStep,
): Promise<string | undefined> {
  const { gpu, model, optimizer, source, augmentation, criterion, clipNorm } = task;
  optimizer.zeroGrad();
  const found = await findNonFiniteInStep(model, () => {
    const batch = source.augmented(indices, augmentation);
    return (task.objective?.(model, batch, epoch) ?? classify(model, batch, criterion)).loss;
  });
  if (found) return `${found}`;
  gpu.scope(() => {
    if (clipNorm !== undefined) clipGradNorm(model.parameters(), clipNorm);
    optimizer.step();
  });
  for (const [name, parameter] of model.namedParameters()) {
    const value = (await parameter.data()).find((one) => !Number.isFinite(one));
    if (value !== undefined) return `the update of step ${step + 1} sets the parameter ${name} to ${value}`;
  }
  return undefined;
}

/** Moves the schedule on behind a step, also where an epoch ends with it. */
function moveSchedule(
  { schedule }: Pick<TrainingTask, 'schedule'>,
  { epoch, value }: LoggedStep,
  next?: LoggedStep,
): void {
  if (schedule?.per === 'step' || (next && next.epoch > epoch)) schedule?.step(value);
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
