/** Smallest class, in bytes. */
const SMALLEST = 256;

/**
 * The size class of a request: powers of two with three steps between (1, 1.25, 1.5, 1.75), so at most a fifth is slack and neighbouring
 * sizes share buffers.
 */
export function sizeClass(bytes: number): number {
  if (bytes <= SMALLEST) return SMALLEST;
  const power = 2 ** Math.floor(Math.log2(bytes));
  const step = power / 4;
  return Math.ceil(bytes / step) * step;
}

export interface MemoryUse {
  /** Bytes of the buffers in use now. */
  liveBytes: number;
  /** The most that `liveBytes` has been since the last `resetPeak()`. */
  peakBytes: number;
  /** Bytes of all buffers the pool has made and still holds, free ones included. */
  heldBytes: number;
}

/**
 * Keeps freed buffers by size class and hands them out again, always the oldest one first: a training step that asks for the same sizes in
 * the same order gets the very same buffers as the step before, and so the same bind groups.
 */
export class MemoryPool {
  #create: (bytes: number) => GPUBuffer;
  #free = new Map<number, GPUBuffer[]>();
  #serial = new WeakMap<GPUBuffer, number>();
  #made = 0;
  #live = 0;
  #peak = 0;
  #held = 0;

  /** create: makes a buffer of exactly that many bytes. */
  constructor(create: (bytes: number) => GPUBuffer) {
    this.#create = create;
  }

  get use(): MemoryUse {
    return { liveBytes: this.#live, peakBytes: this.#peak, heldBytes: this.#held };
  }

  resetPeak(): void {
    this.#peak = this.#live;
  }

  /** The order in which a buffer was made: a stable name for it. */
  serial(buffer: GPUBuffer): number {
    return this.#serial.get(buffer) ?? -1;
  }

  /** Buffers made so far. */
  get made(): number {
    return this.#made;
  }

  /** Bytes that a request would add to what is held; 0 where a free buffer fits. */
  growth(bytes: number): number {
    const size = sizeClass(bytes);
    return this.#free.get(size)?.length ? 0 : size;
  }

  acquire(bytes: number): GPUBuffer {
    const size = sizeClass(bytes);
    const free = this.#free.get(size);
    let buffer = free?.pop();
    if (buffer === undefined) {
      buffer = this.#create(size);
      this.#serial.set(buffer, this.#made++);
      this.#held += size;
    }
    this.#live += size;
    this.#peak = Math.max(this.#peak, this.#live);
    return buffer;
  }

  release(buffer: GPUBuffer): void {
    this.#live -= buffer.size;
    let free = this.#free.get(buffer.size);
    if (free === undefined) {
      free = [];
      this.#free.set(buffer.size, free);
    }
    // Kept with the oldest last, where pop() finds it; the lists are short.
    const serial = this.serial(buffer);
    let at = free.length;
    while (at > 0 && this.serial(free[at - 1]) < serial) at--;
    free.splice(at, 0, buffer);
  }

  /** Destroys the free buffers. */
  trim(): void {
    for (const buffers of this.#free.values()) {
      for (const buffer of buffers) {
        this.#held -= buffer.size;
        buffer.destroy();
      }
    }
    this.#free.clear();
  }
}
