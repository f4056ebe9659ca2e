import { checkRange, type Optimizer } from '../optimizers/optimizer.ts';
import { checkWhole, cosineBetween, LearningRateSchedule, type ScheduleOptions } from './schedule.ts';

/** Settings of `CosineAnnealingLR`. */
export interface CosineAnnealingLROptions extends ScheduleOptions {
  /** Epochs until the lowest rate; as many again lead back up. */
  tMax: number;
  /** The lowest rate. Default 0. */
  etaMin?: number;
}

/**
 * lr = etaMin + (base − etaMin) · (1 + cos(π·t / tMax)) / 2, as PyTorch's CosineAnnealingLR. By epochs unless `per` says otherwise.
 * Source: Loshchilov, Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR 2017 (without the restarts).
 */
export class CosineAnnealingLR extends LearningRateSchedule {
  #tMax: number;
  #etaMin: number;

  constructor(optimizer: Optimizer, { tMax, etaMin = 0, per = 'epoch' }: CosineAnnealingLROptions) {
    super(optimizer, per);
    checkWhole('CosineAnnealingLR: tMax', tMax, 1);
    checkRange('CosineAnnealingLR: etaMin', etaMin);
    this.#tMax = tMax;
    this.#etaMin = etaMin;
    this.apply(0);
  }

  protected rate(base: number, position: number): number {
    return cosineBetween(base, this.#etaMin, position / this.#tMax);
  }
}
