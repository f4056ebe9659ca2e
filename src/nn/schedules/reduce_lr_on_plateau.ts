import { checkRange, type Optimizer } from '../optimizers/optimizer.ts';
import { checkWhole, type Schedule } from './schedule.ts';

/** Settings of `ReduceLROnPlateau`. */
export interface ReduceLROnPlateauOptions {
  /** Whether smaller values are better, as of a loss, or larger ones. Default 'min'. */
  mode?: 'min' | 'max';
  /** Factor of each drop. Default 0.1. */
  factor?: number;
  /** Steps without a better value that are borne; the next one drops. Default 10. */
  patience?: number;
  /** Share by which a value must be better than the best to count. Default 1e-4. */
  threshold?: number;
  /** Steps after a drop in which nothing is counted. Default 0. */
  cooldown?: number;
  /** Least learning rate. Default 0. */
  minLr?: number;
}

/** A drop smaller than this is not made, as in PyTorch. */
const LEAST_DROP = 1e-8;

/**
 * Lowers the learning rates when a value, such as the loss on validation images, has stopped becoming better, as PyTorch's ReduceLROnPlateau with a
 * relative threshold. Its `step` is told the value once an epoch.
 */
export class ReduceLROnPlateau implements Schedule {
  readonly per = 'epoch';
  #optimizer: Optimizer;
  #options: Required<ReduceLROnPlateauOptions>;
  /** null: no value yet. */
  #best: number | null = null;
  #bad = 0;
  #cooling = 0;

  /** Throws RangeError for settings out of range. */
  constructor(optimizer: Optimizer, options: ReduceLROnPlateauOptions = {}) {
    const { mode = 'min', factor = 0.1, patience = 10, threshold = 1e-4, cooldown = 0, minLr = 0 } = options;
    checkRange('ReduceLROnPlateau: factor', factor, 1);
    checkWhole('ReduceLROnPlateau: patience', patience, 0);
    checkRange('ReduceLROnPlateau: threshold', threshold);
    checkWhole('ReduceLROnPlateau: cooldown', cooldown, 0);
    checkRange('ReduceLROnPlateau: minLr', minLr);
    this.#optimizer = optimizer;
    this.#options = { mode, factor, patience, threshold, cooldown, minLr };
  }

  /** value: of this epoch. Throws RangeError where it is not given. */
  step(value?: number): void {
    if (value === undefined) throw new RangeError('ReduceLROnPlateau: step() must be told the value that is watched.');
    const { patience, cooldown } = this.#options;
    if (this.#isBetter(value)) {
      this.#best = value;
      this.#bad = 0;
    } else {
      this.#bad++;
    }
    if (this.#cooling > 0) {
      this.#cooling--;
      this.#bad = 0;
    }
    if (this.#bad <= patience) return;
    this.#drop();
    this.#cooling = cooldown;
    this.#bad = 0;
  }

  #isBetter(value: number): boolean {
    const { mode, threshold } = this.#options;
    if (Number.isNaN(value)) return false;
    if (this.#best === null) return true;
    return mode === 'min' ? value < this.#best * (1 - threshold) : value > this.#best * (1 + threshold);
  }

  #drop(): void {
    const { factor, minLr } = this.#options;
    for (const group of this.#optimizer.groups) {
      const rate = Math.max(group.lr * factor, minLr);
      if (group.lr - rate > LEAST_DROP) group.lr = rate;
    }
  }

  stateDict(): Record<string, unknown> {
    const rates = this.#optimizer.groups.map(({ lr }) => lr);
    return { schedule: 'ReduceLROnPlateau', best: this.#best, bad: this.#bad, cooling: this.#cooling, rates };
  }

  loadStateDict({ schedule, best, bad, cooling, rates }: Record<string, unknown>): void {
    if (schedule !== 'ReduceLROnPlateau') {
      throw new Error(`ReduceLROnPlateau: the saved state is of ${schedule ?? 'no schedule'}.`);
    }
    const { groups } = this.#optimizer;
    const fits =
      (best === null || Number.isFinite(best)) &&
      [bad, cooling].every((count) => Number.isSafeInteger(count) && (count as number) >= 0) &&
      Array.isArray(rates) &&
      rates.length === groups.length &&
      rates.every((rate) => Number.isFinite(rate));
    if (!fits) throw new Error('ReduceLROnPlateau: the saved state is damaged or of other parameter groups.');
    [this.#best, this.#bad, this.#cooling] = [best as number | null, bad as number, cooling as number];
    for (const [g, group] of groups.entries()) group.lr = (rates as number[])[g];
  }
}
