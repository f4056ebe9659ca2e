import { checkRange, type Optimizer } from '../optimizers/optimizer.ts';
import { checkWhole, cosineBetween, LearningRateSchedule, type ScheduleOptions } from './schedule.ts';

/** Settings of `OneCycleLR`. */
export interface OneCycleLROptions extends ScheduleOptions {
  /** The peak, for all groups or for each. */
  maxLr: number | readonly number[];
  /** Steps of the whole cycle. */
  totalSteps: number;
  /** Part of the cycle that leads up to the peak. Default 0.3. */
  pctStart?: number;
  /** Along half a cosine, or in a line. Default 'cos'. */
  annealStrategy?: 'cos' | 'linear';
  /** Lets the momentum (of Adam: the first beta) go the other way. Default true. */
  cycleMomentum?: boolean;
  /** Momentum at the peak. Default 0.85. */
  baseMomentum?: number;
  /** Momentum at both ends. Default 0.95. */
  maxMomentum?: number;
  /** The cycle starts at maxLr / divFactor. Default 25. */
  divFactor?: number;
  /** The cycle ends at maxLr / divFactor / finalDivFactor. Default 1e4. */
  finalDivFactor?: number;
  /** Comes down to where it started as fast as it went up, then to the end. Default false. */
  threePhase?: boolean;
}

/** One leg of the cycle; `end` is the step at which it ends, which need not be whole. */
interface Phase {
  end: number;
  rates: readonly [from: Level, to: Level];
  momenta: readonly [from: number, to: number];
}

/** Part of the peak rate. */
type Level = number;

/** What a group may have besides its rate. */
interface Momenta {
  momentum?: number;
  betas?: readonly [number, number];
}

/**
 * The rate goes up to maxLr and down to almost nothing, once; the momentum goes down and up. As PyTorch's OneCycleLR. By steps unless `per` says
 * otherwise. The learning rate and momentum that the optimizer was made with do not count.
 * Throws RangeError where there is a momentum to cycle and the optimizer keeps none.
 * Source: Smith, Topin, "Super-convergence: very fast training of neural networks using large learning rates", arXiv:1708.07120.
 */
export class OneCycleLR extends LearningRateSchedule {
  #maxLr: readonly number[];
  #totalSteps: number;
  #phases: readonly Phase[];
  #between: (start: number, end: number, fraction: number) => number;
  #cycleMomentum: boolean;

  constructor(
    optimizer: Optimizer,
    {
      maxLr,
      totalSteps,
      pctStart = 0.3,
      annealStrategy = 'cos',
      cycleMomentum = true,
      baseMomentum = 0.85,
      maxMomentum = 0.95,
      divFactor = 25,
      finalDivFactor = 1e4,
      threePhase = false,
      per = 'step',
    }: OneCycleLROptions,
  ) {
    super(optimizer, per);
    this.#maxLr = typeof maxLr === 'number' ? optimizer.groups.map(() => maxLr) : [...maxLr];
    if (this.#maxLr.length !== optimizer.groups.length) {
      throw new RangeError(
        `OneCycleLR: maxLr has ${this.#maxLr.length} rates, the optimizer ${optimizer.groups.length} groups.`,
      );
    }
    for (const rate of this.#maxLr) checkRange('OneCycleLR: maxLr', rate);
    checkWhole('OneCycleLR: totalSteps', totalSteps, 1);
    checkRange('OneCycleLR: pctStart', pctStart, 1);
    for (const momentum of [baseMomentum, maxMomentum]) checkRange('OneCycleLR: each momentum', momentum, 1);
    for (const factor of [divFactor, finalDivFactor]) {
      if (!(factor > 0))
        throw new RangeError(`OneCycleLR: divFactor and finalDivFactor must be above 0, not ${factor}.`);
    }
    if (cycleMomentum && !optimizer.groups.every(keepsMomentum)) {
      throw new RangeError(
        'OneCycleLR: the optimizer keeps no momentum to cycle; give it one, or set cycleMomentum to false.',
      );
    }
    const start = 1 / divFactor;
    const finish = start / finalDivFactor;
    const up = { rates: [start, 1], momenta: [maxMomentum, baseMomentum], end: pctStart * totalSteps - 1 } as const;
    const last = { momenta: [maxMomentum, maxMomentum], end: totalSteps - 1 } as const;
    this.#phases = threePhase
      ? [
          up,
          { rates: [1, start], momenta: [baseMomentum, maxMomentum], end: 2 * pctStart * totalSteps - 2 },
          { ...last, rates: [start, finish] },
        ]
      : [up, { ...last, rates: [1, finish], momenta: [baseMomentum, maxMomentum] }];
    this.#between = annealStrategy === 'cos' ? cosineBetween : (a, b, fraction) => a + (b - a) * fraction;
    this.#totalSteps = totalSteps;
    this.#cycleMomentum = cycleMomentum;
    this.apply(0);
  }

  protected rate(_base: number, position: number, group: number): number {
    const { phase, fraction } = this.#phaseAt(position);
    return this.#maxLr[group] * this.#between(...phase.rates, fraction);
  }

  protected override apply(position: number): void {
    if (position > this.#totalSteps) {
      throw new RangeError(`OneCycleLR: the cycle has ${this.#totalSteps} steps; there is no step ${position}.`);
    }
    super.apply(position);
    if (!this.#cycleMomentum) return;
    const { phase, fraction } = this.#phaseAt(position);
    const momentum = this.#between(...phase.momenta, fraction);
    for (const group of this.optimizer.groups as readonly Momenta[]) {
      if (group.betas) group.betas = [momentum, group.betas[1]];
      else group.momentum = momentum;
    }
  }

  /** The phase that a step falls into and how far into it the step is. */
  #phaseAt(position: number): { phase: Phase; fraction: number } {
    let begin = 0;
    for (const phase of this.#phases.slice(0, -1)) {
      // A phase that ends where it begins is over.
      if (position <= phase.end)
        return { phase, fraction: phase.end > begin ? (position - begin) / (phase.end - begin) : 1 };
      begin = phase.end;
    }
    const phase = this.#phases[this.#phases.length - 1];
    return { phase, fraction: phase.end > begin ? (position - begin) / (phase.end - begin) : 1 };
  }
}

/** Whether an optimizer's group has a momentum to cycle. */
export function keepsMomentum(group: object): boolean {
  const { momentum = 0, betas } = group as Momenta;
  return betas !== undefined || momentum > 0;
}
