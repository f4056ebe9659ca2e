import { checkRange, type Optimizer } from '../optimizers/optimizer.ts';
import { checkWhole, LearningRateSchedule, type ScheduleOptions } from './schedule.ts';

/** Settings of `StepLR`. */
export interface StepLROptions extends ScheduleOptions {
  /** Epochs from one drop to the next. */
  stepSize: number;
  /** Factor of each drop. Default 0.1. */
  gamma?: number;
}

/** lr = base · gamma^⌊t / stepSize⌋, as PyTorch's StepLR. By epochs unless `per` says otherwise. */
export class StepLR extends LearningRateSchedule {
  #stepSize: number;
  #gamma: number;

  constructor(optimizer: Optimizer, { stepSize, gamma = 0.1, per = 'epoch' }: StepLROptions) {
    super(optimizer, per);
    checkWhole('StepLR: stepSize', stepSize, 1);
    checkRange('StepLR: gamma', gamma);
    this.#stepSize = stepSize;
    this.#gamma = gamma;
    this.apply(0);
  }

  protected rate(base: number, position: number): number {
    return base * this.#gamma ** Math.floor(position / this.#stepSize);
  }
}
