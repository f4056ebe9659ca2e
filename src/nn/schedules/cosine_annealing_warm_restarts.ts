import { checkRange, type Optimizer } from '../optimizers/optimizer.ts';
import { checkWhole, cosineBetween, LearningRateSchedule, type ScheduleOptions } from './schedule.ts';

/** Settings of `CosineAnnealingWarmRestarts`. */
export interface CosineAnnealingWarmRestartsOptions extends ScheduleOptions {
  /** Epochs of the first cycle, or steps. */
  t0: number;
  /** Each cycle is as many times as long as the one before. Default 1. */
  tMult?: number;
  /** The lowest rate, which a restart comes just before. Default 0. */
  etaMin?: number;
}

/**
 * Half a cosine from the base rate down to etaMin, begun again after t0, t0·tMult, t0·tMult², … epochs, as PyTorch's
 * CosineAnnealingWarmRestarts. By epochs unless `per` says otherwise; by steps it is PyTorch's `step(epoch + i / iters)` with t0·iters for t0.
 * Source: Loshchilov, Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR 2017.
 */
export class CosineAnnealingWarmRestarts extends LearningRateSchedule {
  #t0: number;
  #tMult: number;
  #etaMin: number;

  constructor(optimizer: Optimizer, { t0, tMult = 1, etaMin = 0, per = 'epoch' }: CosineAnnealingWarmRestartsOptions) {
    super(optimizer, per);
    checkWhole('CosineAnnealingWarmRestarts: t0', t0, 1);
    checkWhole('CosineAnnealingWarmRestarts: tMult', tMult, 1);
    checkRange('CosineAnnealingWarmRestarts: etaMin', etaMin);
    this.#t0 = t0;
    this.#tMult = tMult;
    this.#etaMin = etaMin;
    this.apply(0);
  }

  protected rate(base: number, position: number): number {
    let cycle = this.#t0;
    let since = position;
    if (this.#tMult === 1) since %= cycle;
    else {
      while (since >= cycle) {
        since -= cycle;
        cycle *= this.#tMult;
      }
    }
    return cosineBetween(base, this.#etaMin, since / cycle);
  }
}
