import { type Changing, KeptState } from './kept_state.ts';

/** One step of a training, as far as the state before it does not decide it. */
export interface LoggedStep {
  /** Both from 0. */
  epoch: number;
  step: number;
  /** Positions of its images in their source. */
  indices: Uint32Array;
  /** Of the last step of an epoch: what the schedule was told of the epoch. */
  value?: number;
}

/** Milliseconds of steps in a log, about: the more, the longer it takes to do them again; the fewer, the more often the state is copied. */
const LIFETIME = 1000;

/**
 * The steps of a training since a moment at which all was well, and its state at that moment, so that they can be done again: the host looks at the
 * loss once a second, and a NaN is in all parameters by then.
 */
export class StepLog {
  #state: KeptState;
  #steps: LoggedStep[] = [];
  #old = true;
  #keeps: boolean;
  #markedAt = 0;

  /** keeps: whether steps may have to be done again. Default true; else nothing is kept. */
  constructor(task: Changing, { keeps = true }: { keeps?: boolean } = {}) {
    this.#state = new KeptState(task);
    this.#keeps = keeps;
  }

  /** All was well until now: the next step is the first of a new log, unless this one is young. */
  wasWell(): void {
    this.#old = performance.now() - this.#markedAt > LIFETIME;
  }

  /** Notes a step that is about to be done. */
  add(step: LoggedStep): void {
    if (!this.#keeps) return;
    if (this.#old) this.#mark();
    this.#steps.push(step);
  }

  /** The epoch ends with the step that was added last. value: what the schedule is told of it. */
  endEpoch(value: number): void {
    const last = this.#steps.at(-1);
    if (last) last.value = value;
  }

  #mark(): void {
    this.#old = false;
    this.#markedAt = performance.now();
    this.#state.keep();
    this.#steps = [];
  }

  /** The steps since that moment. */
  get steps(): readonly LoggedStep[] {
    return this.#steps;
  }

  /** Puts the training back to where it was before the first of the steps. */
  restore(): void {
    this.#state.restore();
  }

  /** Gives its memory back. */
  release(): void {
    this.#state.release();
  }
}
