import { Tensor } from '../autograd/tensor.ts';
import type { Module } from '../nn/module.ts';
import type { Optimizer, OptimizerState } from '../nn/optimizers/optimizer.ts';
import type { Schedule } from '../nn/schedules/schedule.ts';
import type { DeviceArray, Gpu } from '../runtime/gpu.ts';
import type { PhiloxState } from '../runtime/philox.ts';

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

/** What a step changes. */
interface Changing {
  gpu: Gpu;
  model: Module;
  optimizer: Optimizer;
  schedule?: Schedule;
}

/** Elements of a piece of memory that copies share, unless one of them needs more. */
const PIECE = 2 ** 20;

/** Milliseconds of steps in a log, about: the more, the longer it takes to do them again; the fewer, the more often the state is copied. */
const LIFETIME = 1000;

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
      this.#pieces.push(this.#gpu.unscoped(() => this.#gpu.alloc(this.#left, 'f32', 'stepLog')));
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
      const array = this.#gpu.alloc(size, 'f32', 'stepLog');
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

/**
 * The steps of a training since a moment at which all was well, and its state at that moment, so that they can be done again: the host looks at the
 * loss once a second, and a NaN is in all parameters by then.
 */
export class StepLog {
  #task: Changing;
  #copies: Copies;
  #state:
    | { optimizer: OptimizerState['scalars']; schedule?: Record<string, unknown>; generator: PhiloxState }
    | undefined;
  #steps: LoggedStep[] = [];
  #old = true;
  #markedAt = 0;

  constructor(task: Changing) {
    this.#task = task;
    this.#copies = new Copies(task.gpu);
  }

  /** All was well until now: the next step is the first of a new log, unless this one is young. */
  wasWell(): void {
    this.#old = performance.now() - this.#markedAt > LIFETIME;
  }

  /** Notes a step that is about to be done. */
  add(step: LoggedStep): void {
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
    const { gpu, model, optimizer, schedule } = this.#task;
    const { tensors, scalars } = optimizer.stateDict();
    const named = (prefix: string, all: ReadonlyMap<string, Tensor>) =>
      [...all].map(([name, tensor]) => [`${prefix}${name}`, tensor] as const);
    this.#copies.take([...named('model.', model.stateDict()), ...named('optimizer.', tensors)]);
    // Hyperparameters are changed in place.
    this.#state = structuredClone({ optimizer: scalars, schedule: schedule?.stateDict(), generator: gpu.generator });
    this.#steps = [];
  }

  /** The steps since that moment. */
  get steps(): readonly LoggedStep[] {
    return this.#steps;
  }

  /** Puts the training back to where it was before the first of the steps. */
  restore(): void {
    const { gpu, model, optimizer, schedule } = this.#task;
    if (this.#state === undefined) return;
    const { optimizer: scalars, schedule: scheduled, generator } = this.#state;
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
