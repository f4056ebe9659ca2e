import { Tensor } from '../autograd/tensor.ts';
import type { Module } from '../nn/module.ts';
import type { Optimizer, OptimizerState } from '../nn/optimizers/optimizer.ts';
import type { Schedule } from '../nn/schedules/schedule.ts';
import type { DeviceArray, Gpu } from '../runtime/gpu.ts';
import type { PhiloxState } from '../runtime/philox.ts';

/** What a step changes. */
export interface Changing {
  gpu: Gpu;
  model: Module;
  optimizer: Optimizer;
  schedule?: Schedule;
}

/** Elements of a piece of memory that copies share, unless one of them needs more. */
const PIECE = 2 ** 20;

/** Copies of tensors on the device, in memory that is taken once. */
class Copies {
  #gpu: Gpu;
  #pieces: DeviceArray<'f32'>[] = [];
  #places = new Map<string, { piece: DeviceArray<'f32'>; start: number; shape: readonly number[] }>();
  #left = 0;

  constructor(gpu: Gpu) {
    this.#gpu = gpu;
  }

  /** Copies these tensors, and forgets all others. */
  take(tensors: Iterable<readonly [string, Tensor]>): void {
    const places = new Map(this.#places);
    this.#places.clear();
    for (const [name, tensor] of tensors) {
      const place = places.get(name) ?? this.#room(tensor);
      this.#places.set(name, place);
      this.#gpu.copyRange(tensor.buffer, 0, place.piece, place.start, tensor.size);
    }
  }

  #room({ size, shape }: Tensor) {
    if (size > this.#left) {
      this.#left = Math.max(PIECE, size);
      this.#pieces.push(this.#gpu.unscoped(() => this.#gpu.alloc(this.#left, 'f32', 'keptState')));
    }
    const piece = this.#pieces[this.#pieces.length - 1];
    const start = piece.length - this.#left;
    this.#left -= size;
    return { piece, start, shape };
  }

  /** The copies with a prefix to their names, without it, as tensors of the current scope. */
  tensors(prefix: string): Map<string, Tensor> {
    const found = new Map<string, Tensor>();
    for (const [name, { piece, start, shape }] of this.#places) {
      if (!name.startsWith(prefix)) continue;
      const size = shape.reduce((product, length) => product * length, 1);
      const array = this.#gpu.alloc(size, 'f32', 'keptState');
      this.#gpu.copyRange(piece, start, array, 0, size);
      found.set(name.slice(prefix.length), new Tensor(array, shape));
    }
    return found;
  }

  release(): void {
    for (const piece of this.#pieces) piece.release();
    this.#pieces = [];
  }
}

/** A copy of what a step changes, on the device, to put a training back to it. */
export class KeptState {
  #task: Changing;
  #copies: Copies;
  #rest:
    | { optimizer: OptimizerState['scalars']; schedule?: Record<string, unknown>; generator: PhiloxState }
    | undefined;

  constructor(task: Changing) {
    this.#task = task;
    this.#copies = new Copies(task.gpu);
  }

  /** Copies the state as it is now, in the place of what was kept before. */
  keep(): void {
    const { gpu, model, optimizer, schedule } = this.#task;
    const { tensors, scalars } = optimizer.stateDict();
    const named = (prefix: string, all: ReadonlyMap<string, Tensor>) =>
      [...all].map(([name, tensor]) => [`${prefix}${name}`, tensor] as const);
    this.#copies.take([...named('model.', model.stateDict()), ...named('optimizer.', tensors)]);
    // Hyperparameters are changed in place.
    this.#rest = structuredClone({ optimizer: scalars, schedule: schedule?.stateDict(), generator: gpu.generator });
  }

  /** Puts the training back to what was kept, if something was. */
  restore(): void {
    const { gpu, model, optimizer, schedule } = this.#task;
    if (this.#rest === undefined) return;
    const { optimizer: scalars, schedule: scheduled, generator } = this.#rest;
    gpu.scope(() => {
      model.loadStateDict(this.#copies.tensors('model.'));
      optimizer.loadStateDict({ tensors: this.#copies.tensors('optimizer.'), scalars });
    });
    if (scheduled) schedule?.loadStateDict(scheduled);
    gpu.generator = generator;
  }

  /** Gives its memory back. */
  release(): void {
    this.#copies.release();
  }
}
