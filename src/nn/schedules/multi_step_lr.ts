import { checkRange, type Optimizer } from '../optimizers/optimizer.ts';
import { checkWhole, LearningRateSchedule, type ScheduleOptions } from './schedule.ts';

/** Settings of `MultiStepLR`. */
export interface MultiStepLROptions extends ScheduleOptions {
  /** Epochs after which the rate drops. */
  milestones: readonly number[];
  /** Factor of each drop. Default 0.1. */
  gamma?: number;
}

/** lr = base · gamma^(number of milestones reached), as PyTorch's MultiStepLR. By epochs unless `per` says otherwise. */
export class MultiStepLR extends LearningRateSchedule {
  #milestones: readonly number[];
  #gamma: number;

  constructor(optimizer: Optimizer, { milestones, gamma = 0.1, per = 'epoch' }: MultiStepLROptions) {
    super(optimizer, per);
    for (const milestone of milestones) checkWhole('MultiStepLR: each of milestones', milestone, 0);
    checkRange('MultiStepLR: gamma', gamma);
    this.#milestones = [...milestones];
    this.#gamma = gamma;
    this.apply(0);
  }

  protected rate(base: number, position: number): number {
    return base * this.#gamma ** this.#milestones.filter((milestone) => milestone <= position).length;
  }
}
