import { GradScaler, type GradScalerState } from '../nn/grad_scaler.ts';
import type { Module } from '../nn/module.ts';
import { HalfPrecisionError, UserError } from '../runtime/errors.ts';
import { TrainingDiverged, type TrainingTask } from './training_task.ts';

/** Steps skipped in a row after which there is no hope: the scale has by then come down from 2¹⁶ to 2⁻²⁴. */
const MOST_SKIPPED = 40;

/** The scaler of a training's loss; undefined in float32. Throws UserError where the adapter has no half precision, or the task does not go with it. */
export function scalerOf<M extends Module>(task: TrainingTask<M>): GradScaler | undefined {
  const { gpu, optimizer, precision, detectAnomaly, position } = task;
  if (precision !== 'f16') return undefined;
  if (!gpu.supportsF16) {
    throw new UserError(
      'Training in half precision needs the feature shader-f16, which this adapter does not offer; train with precision f32.',
    );
  }
  if (detectAnomaly) {
    throw new UserError(
      'In half precision gradients beyond its range are no anomaly, as their steps are skipped; look for anomalies with precision f32.',
    );
  }
  const scaler = new GradScaler(gpu, optimizer);
  if (position?.scaler) scaler.set(position.scaler);
  return scaler;
}

/** Throws TrainingDiverged where no scale of the loss lets a step be done, or no image of an epoch had a finite loss. count: those that had; given at its end. */
export function checkScale(
  { scale, skippedInARow }: GradScalerState,
  { epoch, count }: { epoch: number; count?: number },
): void {
  if (skippedInARow >= MOST_SKIPPED) {
    throw new TrainingDiverged(
      `In epoch ${epoch + 1} the gradients of the last ${skippedInARow} steps were not finite in half precision, though the loss was scaled by no more than ${scale}; try a smaller learning rate, or precision f32.`,
    );
  }
  if (count === 0) {
    throw new TrainingDiverged(
      `In epoch ${epoch + 1} no batch had a finite loss in half precision; try a smaller learning rate, or precision f32.`,
    );
  }
}

/** Does a step; where a layer has no half-precision form, throws UserError that names it. */
export function namingLayers(model: Module, step: () => void): void {
  try {
    step();
  } catch (error) {
    if (!(error instanceof HalfPrecisionError)) throw error;
    const [name, module] = model.namedModules().find(([, one]) => one === error.module) ?? ['', undefined];
    const what =
      module === undefined
        ? 'The network'
        : `The layer ${name === '' ? 'of the network' : name} (${module.constructor.name})`;
    throw new UserError(
      `${what} computes ${error.operation}, which has no half-precision form; train this network with precision f32.`,
      { cause: error },
    );
  }
}
