import type { Optimizer } from '../optimizers/optimizer.ts';
import { checkWhole, LearningRateSchedule } from './schedule.ts';

/** Settings of `DeferredLR`. */
export interface DeferredLROptions {
  /** Epochs in which the rate climbs in equal steps to its own; 0 for none. */
  warmUpEpochs: number;
  /** Epochs, counted from 0, at which it falls to a hundredth. */
  milestones: readonly number[];
}

/**
 * The learning rate of trainings whose re-weighting or re-sampling is deferred: in epoch e of a warm-up of w it is base · (e + 1) / w, afterwards
 * base · 0.01^(number of milestones reached).
 * Throws RangeError for numbers of epochs that are none.
 * Source: Cao et al., "Learning imbalanced datasets with label-distribution-aware margin loss", NeurIPS 2019: 5, 160 and 180 of 200 epochs.
 */
export class DeferredLR extends LearningRateSchedule {
  readonly #warmUp: number;
  readonly #milestones: readonly number[];

  constructor(optimizer: Optimizer, { warmUpEpochs, milestones }: DeferredLROptions) {
    super(optimizer, 'epoch');
    checkWhole('DeferredLR: warmUpEpochs', warmUpEpochs, 0);
    for (const milestone of milestones) checkWhole('DeferredLR: each of milestones', milestone, 0);
    this.#warmUp = warmUpEpochs;
    this.#milestones = [...milestones];
    this.apply(0);
  }

  protected rate(base: number, epoch: number): number {
    if (epoch < this.#warmUp) return (base * (epoch + 1)) / this.#warmUp;
    return base * 0.01 ** this.#milestones.filter((milestone) => milestone <= epoch).length;
  }
}
