import type { Gpu } from '../runtime/gpu.ts';

/** Steps sent ahead of the one the device is at: enough that it never waits for the host. */
const STEPS_AHEAD = 2;

/** Keeps the host from running away from the device: enqueuing a step takes far less time than computing it. */
export class FlowControl {
  #gpu: Gpu;
  #sent: Promise<void>[] = [];

  constructor(gpu: Gpu) {
    this.#gpu = gpu;
  }

  /** Sends what was gathered and waits until no more than two steps are under way. */
  async step(): Promise<void> {
    this.#sent.push(this.#gpu.submittedWorkDone());
    if (this.#sent.length > STEPS_AHEAD) await this.#sent.shift();
  }
}
