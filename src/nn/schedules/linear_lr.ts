import { checkRange, type Optimizer } from '../optimizers/optimizer.ts';
import { checkWhole, LearningRateSchedule, type ScheduleOptions } from './schedule.ts';

/** Settings of `LinearLR`. */
export interface LinearLROptions extends ScheduleOptions {
  /** Share of the base rate to begin with. Default 1/3. */
  startFactor?: number;
  /** Share of the base rate to end with. Default 1. */
  endFactor?: number;
  /** Epochs from the one to the other; afterwards it stays. Default 5. */
  totalIters?: number;
}

/** Warm-up: the rate goes from base · startFactor to base · endFactor in a line, as PyTorch's LinearLR. By epochs unless `per` says otherwise. */
export class LinearLR extends LearningRateSchedule {
  #start: number;
  #end: number;
  #total: number;

  constructor(
    optimizer: Optimizer,
    { startFactor = 1 / 3, endFactor = 1, totalIters = 5, per = 'epoch' }: LinearLROptions = {},
  ) {
    super(optimizer, per);
    checkRange('LinearLR: startFactor', startFactor);
    checkRange('LinearLR: endFactor', endFactor);
    checkWhole('LinearLR: totalIters', totalIters, 1);
    this.#start = startFactor;
    this.#end = endFactor;
    this.#total = totalIters;
    this.apply(0);
  }

  protected rate(base: number, position: number): number {
    return base * (this.#start + (this.#end - this.#start) * Math.min(1, position / this.#total));
  }
}
