import type { Optimizer } from '../optimizers/optimizer.ts';

/** When a schedule's step() is called: after each epoch, or after each step of the optimizer. */
export type SchedulePeriod = 'epoch' | 'step';

/** Changes the hyperparameters of an optimizer's groups as training goes on. */
export interface Schedule {
  readonly per: SchedulePeriod;
  /** Moves on by one epoch or step, whichever `per` says. value: of the epoch, for a schedule that watches one: the loss on held-out images, or in training. */
  step(value?: number): void;
  /** What is needed to go on from here: numbers, texts and lists of them. */
  stateDict(): Record<string, unknown>;
  /** Takes a saved state over and sets the hyperparameters. Throws, nothing changed, where the state is another schedule's. */
  loadStateDict(state: Record<string, unknown>): void;
}

/** What every schedule can be told. */
export interface ScheduleOptions {
  /** What one step() stands for. */
  per?: SchedulePeriod;
}

/** The shape of learning rate over time: closed forms, so that a position is all there is to save. */
export abstract class LearningRateSchedule implements Schedule {
  readonly per: SchedulePeriod;
  protected readonly optimizer: Optimizer;
  #base: readonly number[];
  #position = 0;

  /** The rates that the optimizer's groups have now are the base. */
  constructor(optimizer: Optimizer, per: SchedulePeriod) {
    this.optimizer = optimizer;
    this.per = per;
    this.#base = optimizer.groups.map(({ lr }) => lr);
  }

  /** The learning rate of a group after `position` steps. base: what it was when the schedule was made. */
  protected abstract rate(base: number, position: number, group: number): number;

  /** Sets the hyperparameters for the current position. Called at the end of a subclass's constructor and after each move. */
  protected apply(position: number): void {
    for (const [g, group] of this.optimizer.groups.entries()) group.lr = this.rate(this.#base[g], position, g);
  }

  step(): void {
    this.apply(this.#position + 1);
    this.#position++;
  }

  stateDict(): Record<string, unknown> {
    return { schedule: this.constructor.name, position: this.#position, baseRates: [...this.#base] };
  }

  loadStateDict({ schedule, position, baseRates }: Record<string, unknown>): void {
    const { name } = this.constructor;
    if (schedule !== name) throw new Error(`${name}: the saved state is of ${schedule ?? 'no schedule'}.`);
    if (typeof position !== 'number' || !Number.isSafeInteger(position) || position < 0) {
      throw new Error(`${name}: the saved state's position is ${position}, not a whole number of at least 0.`);
    }
    if (!Array.isArray(baseRates) || !baseRates.every((rate) => Number.isFinite(rate))) {
      throw new Error(`${name}: the saved state's base rates are not a list of numbers.`);
    }
    if (baseRates.length !== this.#base.length) {
      throw new Error(
        `${name}: the saved state is of ${baseRates.length} parameter groups, the optimizer has ${this.#base.length}.`,
      );
    }
    const before = this.#base;
    this.#base = baseRates;
    try {
      this.apply(position);
    } catch (error) {
      this.#base = before;
      throw error;
    }
    this.#position = position;
  }
}

/** Throws RangeError unless the value is a whole number of at least `least`. */
export function checkWhole(what: string, value: number, least: number): void {
  if (!(Number.isSafeInteger(value) && value >= least)) {
    throw new RangeError(`${what} must be a whole number of at least ${least}, not ${value}.`);
  }
}

/** From `start` at 0 to `end` at 1 along half a cosine wave. */
export function cosineBetween(start: number, end: number, fraction: number): number {
  return end + ((start - end) / 2) * (Math.cos(Math.PI * fraction) + 1);
}
