import { cast } from '../autograd/ops/cast.ts';
import { augmentationIn } from '../data/augmentation/index.ts';
import type { Batch } from '../data/batch_source.ts';
import type { RunningMetrics } from '../kernels/running_metrics.ts';
import { clipGradNorm } from '../nn/clip_grad.ts';
import type { GradScaler } from '../nn/grad_scaler.ts';
import type { Loss } from '../nn/losses/loss.ts';
import type { Module } from '../nn/module.ts';
import type { TrainingStepOutcome, TrainingTask } from './training_task.ts';

/** What happens in a training step, in its order. */
export const STEP_PHASES = ['data', 'forward', 'loss', 'metrics', 'backward', 'clip', 'optimizer'] as const;
export type StepPhase = (typeof STEP_PHASES)[number];

/** Forward, backward and update for one batch, in half precision where there is a scaler; nothing in it waits for the device. begins: told of each phase as it begins. */
export function trainingStep<M extends Module>(
  task: TrainingTask<M> & { scaler?: GradScaler },
  indices: Uint32Array,
  epoch: number,
  metrics?: RunningMetrics,
  begins: (phase: StepPhase) => void = () => {},
): void {
  const { gpu, model, optimizer, criterion, source, augmentation, objective, clipNorm, watchStep, scaler } = task;
  const step = (): TrainingStepOutcome => {
    begins('data');
    const drawn = source.augmented(indices, augmentationIn(epoch, augmentation));
    const batch = scaler ? { ...drawn, images: cast(drawn.images, 'f16') } : drawn;
    optimizer.zeroGrad();
    begins('forward');
    const { loss, logits } = objective?.(model, batch, epoch) ?? classify(model, batch, criterion);
    begins('metrics');
    metrics?.add(loss.buffer, logits.buffer, batch.labels.buffer);
    begins('backward');
    if (scaler) scaler.backward(loss);
    else loss.backward();
    begins('clip');
    scaler?.unscale(model.parameters());
    if (clipNorm !== undefined) clipGradNorm(model.parameters(), clipNorm);
    begins('optimizer');
    optimizer.step();
    return { loss, logits, labels: batch.labels };
  };
  gpu.scope(() => {
    if (watchStep) watchStep(step);
    else step();
  });
}

/** A whole step on one batch that is there already, without metrics or clipping: for whoever trains on the same images again and again. */
export function stepOnBatch(
  { model, optimizer, criterion }: Pick<TrainingTask, 'model' | 'optimizer' | 'criterion'>,
  batch: Batch,
): TrainingStepOutcome {
  optimizer.zeroGrad();
  const { loss, logits } = classify(model, batch, criterion);
  loss.backward();
  optimizer.step();
  return { loss, logits, labels: batch.labels };
}

/** The criterion on the model's logits of a batch. */
export function classify(model: Module, { images, labels, softTargets }: Batch, criterion: Loss) {
  const logits = model.call(images);
  return { loss: criterion.call(logits, softTargets ?? labels), logits };
}
