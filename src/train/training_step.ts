import type { Batch } from '../data/batch_source.ts';
import type { RunningMetrics } from '../kernels/running_metrics.ts';
import { clipGradNorm } from '../nn/clip_grad.ts';
import type { Loss } from '../nn/losses/loss.ts';
import type { Module } from '../nn/module.ts';
import type { TrainingTask } from './training_task.ts';

/** Forward, backward and update for one batch; nothing in it waits for the device. */
export function trainingStep<M extends Module>(
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

/** The criterion on the model's logits of a batch. */
export function classify(model: Module, { images, labels, softTargets }: Batch, criterion: Loss) {
  const logits = model.call(images);
  return { loss: criterion.call(logits, softTargets ?? labels), logits };
}
