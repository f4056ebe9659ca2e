import type { Tensor } from '../../autograd/tensor.ts';
import type { Module } from '../../nn/module.ts';

interface Resident<M> {
  key: string;
  model: M;
  users: number;
}

/** Frees the memory of tensors that nobody is going to read any more. */
export function releaseTensors(tensors: Iterable<Tensor>): void {
  for (const tensor of tensors) {
    tensor.zeroGrad();
    tensor.buffer.release();
  }
}

/**
 * Holds one network on the device, the one that was used last, and those that are in use: a run makes dozens, of which most are never asked for again.
 */
export class ResidentNetwork<M extends Module> {
  #latest: Resident<M> | undefined;

  /** Runs a function with the network of a key, made by `load` where another is held. */
  async use<R>(key: string, load: () => Promise<M>, work: (model: M) => R | Promise<R>): Promise<R> {
    const resident = this.#latest?.key === key ? this.#latest : this.hold(key, await load());
    resident.users++;
    try {
      return await work(resident.model);
    } finally {
      resident.users--;
      this.#releaseUnused(resident);
    }
  }

  /** Takes a network over in place of the one held so far. */
  hold(key: string, model: M): Resident<M> {
    const before = this.#latest;
    this.#latest = { key, model, users: 0 };
    if (before) this.#releaseUnused(before);
    return this.#latest;
  }

  #releaseUnused(resident: Resident<M>): void {
    if (resident.users === 0 && resident !== this.#latest) releaseTensors(resident.model.stateDict().values());
  }
}
