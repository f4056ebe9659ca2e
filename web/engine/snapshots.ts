import type { Module } from '../../src/nn/module.ts';
import type { Optimizer, OptimizerState } from '../../src/nn/optimizers/optimizer.ts';
import { downloadTensors, type HostTensor, uploadTensors } from '../../src/nn/weights/host_tensor.ts';
import type { Gpu } from '../../src/runtime/gpu.ts';
import type { PhiloxState } from '../../src/runtime/philox.ts';

/** All that a training step changes. */
export interface Trained {
  gpu: Gpu;
  model: Module;
  optimizer: Optimizer;
}

type Numbers = Map<string, HostTensor<Float32Array>>;

/** The state of a training before a step, on the host. */
export interface Snapshot {
  step: number;
  model: Numbers;
  optimizer: Numbers;
  scalars: OptimizerState['scalars'];
  generator: PhiloxState;
}

const bytesOf = ({ model, optimizer }: Snapshot) =>
  [...model.values(), ...optimizer.values()].reduce((sum, { data }) => sum + data.byteLength, 0);

/** Waits for the device and copies the state. */
export async function takeSnapshot(
  { model, optimizer }: Trained,
  step: number,
  generator: PhiloxState,
): Promise<Snapshot> {
  const { tensors, scalars } = optimizer.stateDict();
  const [weights, kept] = await Promise.all([downloadTensors(model.stateDict()), downloadTensors(tensors)]);
  // Hyperparameters are changed in place.
  return { step, model: weights, optimizer: kept, scalars: structuredClone(scalars), generator: { ...generator } };
}

/** Puts a training back to a snapshot. */
export function restoreSnapshot({ gpu, model, optimizer }: Trained, snapshot: Snapshot): void {
  gpu.scope(() => {
    model.loadStateDict(uploadTensors(gpu, snapshot.model));
    optimizer.loadStateDict({
      tensors: uploadTensors(gpu, snapshot.optimizer),
      scalars: structuredClone(snapshot.scalars),
    });
  });
}

/** Bytes of the host that snapshots of a run take at most, about. */
const MOST_BYTES = 96e6;
const MOST = 32;

/** Snapshots of a run, one each so many steps; as they become many, every other one is dropped. The first stays. */
export class Snapshots {
  #all: Snapshot[] = [];
  #every = 20;

  /** Whether one is due before this step. */
  isDue(step: number): boolean {
    return step % this.#every === 0 && !this.#all.some((one) => one.step === step);
  }

  add(snapshot: Snapshot): void {
    this.#all.push(snapshot);
    this.#all.sort((a, b) => a.step - b.step);
    const room = Math.max(2, Math.min(MOST, Math.floor(MOST_BYTES / bytesOf(snapshot))));
    if (this.#all.length <= room) return;
    this.#every *= 2;
    this.#all = this.#all.filter(({ step }, i) => i === 0 || step % this.#every === 0);
  }

  /** The last one at or before a step. */
  before(step: number): Snapshot {
    const found = this.#all.findLast((one) => one.step <= step);
    if (found) return found;
    throw new RangeError(
      `The weights or a kernel were changed by hand before step ${this.#all[0]?.step}: what was before cannot be gone back to.`,
    );
  }

  /** Forgets all: the weights were changed from outside. */
  clear(): void {
    this.#all = [];
    this.#every = 20;
  }
}
