import type { Gpu } from './gpu.ts';
import type { Memory } from './memory_pool.ts';

export type ElementType = 'f32' | 'u32';
export type HostArray<T extends ElementType = ElementType> = T extends 'f32' ? Float32Array : Uint32Array;

/**
 * A dense run of numbers in device memory, four bytes each. It holds the count of its owners: the scope it was born in, a tape that
 * needs it for the backward pass, a parameter. When the last owner lets go, its memory returns to the pool, and any later use of it is an error.
 *
 * Memory is rounded up to 16 bytes, so that elementwise kernels may work on whole vec4s: what lies past `length` is never read back.
 */
export class DeviceArray<T extends ElementType = ElementType> {
  readonly gpu: Gpu;
  readonly type: T;
  /** Elements. */
  readonly length: number;
  /** Bytes a kernel may touch: the elements, rounded up to 16. */
  readonly bytes: number;
  /** The operation it came from, for messages. */
  readonly origin: string;
  /** Owned by whoever refers to it, rather than by a scope. Set by the device. */
  isKept = false;
  /** The garbage collector returns its memory. Set by the device. */
  isWatched = false;
  #memory: Memory | undefined;
  #owners = 1;

  constructor(gpu: Gpu, memory: Memory, length: number, type: T, origin: string) {
    this.gpu = gpu;
    this.type = type;
    this.length = length;
    this.origin = origin;
    this.bytes = Math.max(16, Math.ceil(length / 4) * 16);
    this.#memory = memory;
  }

  /** The memory itself. Throws once it has gone back to the pool. */
  get memory(): Memory {
    if (this.#memory === undefined) {
      throw new Error(
        `The result of '${this.origin}' was used after its memory was recycled: return it from its scope, call keep() on it, or read it before backward().`,
      );
    }
    return this.#memory;
  }

  /** Puts it somewhere else. Returns where it was. Called by the device. */
  moveTo(memory: Memory): Memory {
    const before = this.memory;
    this.#memory = memory;
    return before;
  }

  get isReleased(): boolean {
    return this.#memory === undefined;
  }

  /** True where nobody else holds it, so it may be written in place. */
  get isUnshared(): boolean {
    return this.#owners === 1;
  }

  /** Adds an owner. */
  retain(): this {
    if (this.#memory === undefined) void this.memory;
    this.#owners++;
    return this;
  }

  /** Takes an owner away; the last one returns the memory to the pool. */
  release(): void {
    if (this.#memory === undefined) return;
    this.#owners--;
    if (this.#owners > 0) return;
    this.gpu.recycle(this, this.#memory);
    this.#memory = undefined;
  }

  /** Lets it live until nothing refers to it, whoever owns it now. */
  keep(): this {
    this.gpu.keep(this);
    return this;
  }

  /** Waits for the device and copies the elements to the host. */
  read(): Promise<HostArray<T>> {
    return this.gpu.read(this);
  }
}
