import type { Batch } from '../../data/batch_source.ts';
import type { Loss } from '../../nn/losses/loss.ts';
import type { Module } from '../../nn/module.ts';
import type { Optimizer } from '../../nn/optimizers/optimizer.ts';
import { stepOnBatch } from '../../train/training_step.ts';
import type { TrainingHistory } from './training_history.ts';
import { TrainingMonitor } from './training_monitor.ts';

/** Share of a batch's images that a network must come to know by heart. */
const KNOWN = 0.95;
/** Steps between two looks at how far it is. */
const LOOK = 10;

/** What to learn by heart, and with what. */
export interface OverfitTask {
  /** In training mode; without dropout, which keeps it from learning by heart. */
  model: Module;
  optimizer: Optimizer;
  criterion: Loss;
  batch: Batch;
  /** Most steps; it ends before where all images are known. */
  steps: number;
}

/** Whether a network learned one batch by heart. */
export interface Overfitting {
  fits: boolean;
  steps: number;
  /** Share of the images whose class was told rightly in the last steps, and their cross-entropy. */
  accuracy: number;
  crossEntropy: number;
  history: TrainingHistory;
}

/**
 * Trains on one and the same batch. A network, a loss and an optimizer that work together learn a batch by heart within some hundred steps; where they do
 * not, there is no use in looking at data or regularisation first.
 */
export async function overfitBatch({ model, optimizer, criterion, batch, steps }: OverfitTask): Promise<Overfitting> {
  const monitor = new TrainingMonitor(model, optimizer, { every: LOOK, stepsPerEpoch: 1 });
  const isKnown = () => (monitor.history.windows.at(-1)?.accuracy ?? 0) === 1;
  while (monitor.history.steps < steps && !isKnown()) {
    monitor.step(() => stepOnBatch({ model, optimizer, criterion }, batch));
    await batch.images.gpu.submittedWorkDone();
  }
  const history = await monitor.finish();
  const { accuracy = 0, crossEntropy = Number.NaN } = history.windows.at(-1) ?? {};
  return { fits: accuracy >= KNOWN, steps: history.steps, accuracy, crossEntropy, history };
}
