import type { Optimizer } from '../optimizers/optimizer.ts';
import { CosineAnnealingLR } from './cosine_annealing_lr.ts';
import { CosineAnnealingWarmRestarts } from './cosine_annealing_warm_restarts.ts';
import { DeferredLR } from './deferred_lr.ts';
import { LinearLR } from './linear_lr.ts';
import { MultiStepLR } from './multi_step_lr.ts';
import { keepsMomentum, OneCycleLR } from './one_cycle_lr.ts';
import { ReduceLROnPlateau } from './reduce_lr_on_plateau.ts';
import type { Schedule } from './schedule.ts';
import { StepLR } from './step_lr.ts';

/** The schedules by the names that configurations give them. */
export const SCHEDULE_NAMES = [
  'constant',
  'step',
  'multi-step',
  'cosine',
  'warm-restarts',
  'warm-up',
  'one-cycle',
  'reduce-on-plateau',
  'deferred',
] as const;
/** A schedule that `createSchedule` knows. */
export type ScheduleName = (typeof SCHEDULE_NAMES)[number];

/** How long a training is. */
export interface TrainingLength {
  epochs: number;
  stepsPerEpoch: number;
  /** Epochs in which 'warm-up' climbs, default a tenth of all, and 'deferred', default a fortieth. */
  warmUpEpochs?: number;
  /** Epochs without a smaller loss that 'reduce-on-plateau' bears. Default: a tenth of all. */
  plateauEpochs?: number;
  /** Epoch, counted from 0, at which 'deferred' falls first. Default: after four fifths of all. */
  deferFrom?: number;
}

/**
 * A schedule by its name, laid out over a whole training; undefined for 'constant'. The optimizer's learning rate is where the schedule starts
 * from, or its peak: 'step' drops to a tenth after each third of the epochs; 'multi-step' after 60 % and 85 %; 'cosine' ends at 0; 'warm-restarts'
 * falls step by step over a cycle of a third and one of two thirds; 'warm-up' climbs from a hundredth over the first tenth of the steps; 'one-cycle' peaks after 30 %;
 * 'reduce-on-plateau' drops to a tenth when the loss has not become smaller for a tenth of the epochs; 'deferred' climbs at first and falls to a hundredth after
 * 80 % of the epochs, or where re-weighting or re-sampling starts, and again in the middle of the rest.
 * Throws RangeError for a name that there is not.
 */
export function createSchedule(
  name: ScheduleName,
  optimizer: Optimizer,
  { epochs, stepsPerEpoch, warmUpEpochs, plateauEpochs, deferFrom = Math.ceil(0.8 * epochs) }: TrainingLength,
): Schedule | undefined {
  if (warmUpEpochs !== undefined && name !== 'warm-up' && name !== 'deferred') {
    throw new RangeError(`The schedule '${name}' has no warm-up; leave its length out, or take warm-up or deferred.`);
  }
  if (plateauEpochs !== undefined && name !== 'reduce-on-plateau') {
    throw new RangeError(
      `The schedule '${name}' watches no loss; leave the epochs it bears out, or take reduce-on-plateau.`,
    );
  }
  const steps = epochs * stepsPerEpoch;
  const third = Math.max(1, Math.round(epochs / 3));
  switch (name) {
    case 'constant':
      return undefined;
    case 'step':
      return new StepLR(optimizer, { stepSize: third });
    case 'multi-step':
      return new MultiStepLR(optimizer, {
        milestones: [0.6, 0.85].map((part) => Math.max(1, Math.round(part * epochs))),
      });
    case 'cosine':
      return new CosineAnnealingLR(optimizer, { tMax: epochs });
    case 'warm-restarts':
      // As PyTorch's step(epoch + i / steps of an epoch), for by epochs a short cycle would hardly fall.
      return new CosineAnnealingWarmRestarts(optimizer, { t0: third * stepsPerEpoch, tMult: 2, per: 'step' });
    case 'warm-up':
      return new LinearLR(optimizer, {
        startFactor: 0.01,
        totalIters: Math.max(1, Math.round(warmUpEpochs === undefined ? steps / 10 : warmUpEpochs * stepsPerEpoch)),
        per: 'step',
      });
    case 'one-cycle':
      return new OneCycleLR(optimizer, {
        maxLr: optimizer.groups.map(({ lr }) => lr),
        totalSteps: steps,
        cycleMomentum: optimizer.groups.every(keepsMomentum),
      });
    case 'reduce-on-plateau':
      return new ReduceLROnPlateau(optimizer, { patience: plateauEpochs ?? Math.max(1, Math.round(epochs / 10)) });
    case 'deferred':
      return new DeferredLR(optimizer, {
        warmUpEpochs: Math.round(warmUpEpochs ?? epochs / 40),
        milestones: [deferFrom, Math.ceil((deferFrom + epochs) / 2)],
      });
    default:
      throw new RangeError(`There is no schedule '${name}'; there are: ${SCHEDULE_NAMES.join(', ')}.`);
  }
}
