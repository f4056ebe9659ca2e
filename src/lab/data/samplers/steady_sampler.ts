import type { Sampler } from './sampler.ts';

/**
 * Another sampler's epochs, one after the other, cut into epochs of `count` draws: so that samplers with few or many draws an epoch can be
 * compared over trainings of equal length.
 */
export class SteadySampler implements Sampler {
  readonly count: number;
  #sampler: Sampler;

  constructor(sampler: Sampler, count: number) {
    if (sampler.count === 0) throw new RangeError('A sampler without draws cannot fill an epoch.');
    this.count = count;
    this.#sampler = sampler;
  }

  epochOrder(epoch: number): Uint32Array {
    const order = new Uint32Array(this.count);
    const each = this.#sampler.count;
    // `at` counts draws from the first epoch's beginning.
    for (let at = epoch * this.count; at < (epoch + 1) * this.count; ) {
      const drawn = this.#sampler.epochOrder(Math.floor(at / each));
      const part = drawn.subarray(at % each).subarray(0, (epoch + 1) * this.count - at);
      order.set(part, at - epoch * this.count);
      at += part.length;
    }
    return order;
  }
}
