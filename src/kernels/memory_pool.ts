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

/** A buffer of the device's, with what would have to be asked of the driver otherwise. */
export interface Memory {
  readonly buffer: GPUBuffer;
  /** In bytes. */
  readonly size: number;
  /** The order in which it was made: a stable name. */
  readonly serial: number;
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
  #free = new Map<number, Memory[]>();
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

  /** Buffers made so far. */
  get made(): number {
    return this.#made;
  }

  /** Bytes that a request would add to what is held; 0 where a free buffer fits. */
  growth(bytes: number): number {
    const size = sizeClass(bytes);
    return this.#free.get(size)?.length ? 0 : size;
  }

  acquire(bytes: number): Memory {
    const size = sizeClass(bytes);
    let memory = this.#free.get(size)?.pop();
    if (memory === undefined) {
      memory = { buffer: this.#create(size), size, serial: this.#made++ };
      this.#held += size;
    }
    this.#live += size;
    this.#peak = Math.max(this.#peak, this.#live);
    return memory;
  }

  release(memory: Memory): void {
    const { size, serial } = memory;
    this.#live -= size;
    let free = this.#free.get(size);
    if (free === undefined) {
      free = [];
      this.#free.set(size, free);
    }
    // Kept with the oldest last, where pop() finds it; the lists are short.
    let at = free.length;
    while (at > 0 && free[at - 1].serial < serial) at--;
    free.splice(at, 0, memory);
  }

  /** Destroys the free buffers. */
  trim(): void {
    for (const memories of this.#free.values()) {
      for (const { buffer, size } of memories) {
        this.#held -= size;
        buffer.destroy();
      }
    }
    this.#free.clear();
  }
}
