import { augmentationIn } from '../data/augmentation/index.ts';
import type { RunningMetrics } from '../kernels/running_metrics.ts';
import { clipGradNorm } from '../nn/clip_grad.ts';
import type { Module } from '../nn/module.ts';
import { findNonFiniteInStep } from '../nn/non_finite.ts';
import type { LoggedStep, StepLog } from './step_log.ts';
import { classify, trainingStep } from './training_step.ts';
import { TrainingDiverged, type TrainingTask } from './training_task.ts';

/**
 * Goes back to the last moment at which all was well and does the steps since then again, up to the one whose loss was not finite. Looks closely at
 * that step and at the one before it, whose update may have broken a parameter.
 */
export async function explainDivergence<M extends Module>(
  task: TrainingTask<M>,
  log: StepLog,
  epoch: number,
  step: number,
): Promise<TrainingDiverged> {
  const bad = log.steps.findIndex((one) => one.epoch === epoch && one.step === step);
  log.restore();
  // Whoever watched the steps has seen them.
  const unwatched = { ...task, watchStep: undefined };
  let where: string | undefined;
  for (const [i, logged] of log.steps.slice(0, bad + 1).entries()) {
    task.criterion.setEpoch?.(logged.epoch);
    if (i < bad - 1) trainingStep(unwatched, logged.indices, logged.epoch);
    else where = await lookCloselyAt(task, logged);
    if (where !== undefined) break;
    moveSchedule(task, logged, log.steps[i + 1]);
  }
  return new TrainingDiverged(
    `The loss is no longer finite in epoch ${epoch + 1}, from step ${step + 1} on${where === undefined ? '' : `: ${where}`}; try a smaller learning rate.`,
  );
}

/**
 * Does a step as `trainingStep` does, and looks at every output and gradient in it. Throws TrainingDiverged, which names the first operation and layer
 * with a NaN or an infinity.
 */
export async function checkedStep<M extends Module>(
  task: TrainingTask<M>,
  logged: Pick<LoggedStep, 'epoch' | 'step' | 'indices'>,
  metrics: RunningMetrics,
): Promise<void> {
  const where = await lookCloselyAt(task, logged, metrics);
  if (where === undefined) return;
  throw new TrainingDiverged(
    `In step ${logged.step + 1} of epoch ${logged.epoch + 1} ${where}; try a smaller learning rate.`,
  );
}

/** Does a step and says what in it is not finite first. */
async function lookCloselyAt<M extends Module>(
  task: TrainingTask<M>,
  { epoch, step, indices }: Pick<LoggedStep, 'epoch' | 'step' | 'indices'>,
  metrics?: RunningMetrics,
): Promise<string | undefined> {
  const { gpu, model, optimizer, source, augmentation, criterion, clipNorm } = task;
  optimizer.zeroGrad();
  const found = await findNonFiniteInStep(model, () => {
    const batch = source.augmented(indices, augmentationIn(epoch, augmentation));
    const { loss, logits } = task.objective?.(model, batch, epoch) ?? classify(model, batch, criterion);
    metrics?.add(loss.buffer, logits.buffer, batch.labels.buffer);
    return loss;
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
