import type { Tensor } from '../autograd/tensor.ts';
import type { Augmentation, Batch, BatchSource } from '../data/batch_source.ts';
import type { Sampler } from '../data/samplers/sampler.ts';
import type { Precision } from '../kernels/cast.ts';
import type { Loss } from '../nn/losses/loss.ts';
import type { Module } from '../nn/module.ts';
import type { Optimizer } from '../nn/optimizers/optimizer.ts';
import type { Schedule } from '../nn/schedules/schedule.ts';
import { UserError } from '../runtime/errors.ts';
import type { Gpu } from '../runtime/gpu.ts';
import type { BestEpoch, EpochChoice } from './best_epoch.ts';
import type { TrainingPosition } from './checkpoint.ts';
import type { EpochRecord, ValidationRecord } from './epoch_record.ts';

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

/** What a step gives to whoever watches it: its mean loss, [], the logits, [B, C], and the labels, [B]. */
export interface TrainingStepOutcome {
  loss: Tensor;
  logits: Tensor;
  labels: Tensor<'u32'>;
}

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
  /**
   * 'f16': images, activations and their gradients are stored in half precision, and so are copies of the weights; the weights themselves, sums, batch
   * normalisation's statistics and the loss stay in float32, and so does evaluation. The loss is scaled (`GradScaler`), and a step whose gradients are not
   * finite is skipped. For networks of the operations that `cast` names. Not beside `detectAnomaly`. Default 'f32'.
   */
  precision?: Precision;
  /** Puts the model into the mode for training. Default: `model.train()`. For networks of which a part stays in evaluation mode. */
  setMode?: (model: M) => void;
  /** Called with each step in its place, for whoever watches the training; it calls `step` once. Default: the step is done unwatched. */
  watchStep?: (step: () => TrainingStepOutcome) => void;
  /**
   * Look at the output of every operation and at every gradient in each step, and throw TrainingDiverged, which names the first operation and layer
   * with a NaN or an infinity, before the step changes anything by it. Takes several times as long; the numbers stay the same. Default false, which
   * costs nothing. Not beside `watchStep`.
   */
  detectAnomaly?: boolean;
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
  /** Steps that were skipped, in half precision. */
  skippedSteps?: number;
}
