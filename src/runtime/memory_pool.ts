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

/** A buffer of the device's, or the rest of one from some byte on, with what would have to be asked of the driver otherwise. */
export class Memory {
  readonly buffer: GPUBuffer;
  /** In bytes. */
  readonly size: number;
  /** The order in which the buffer was made: a stable name. */
  readonly serial: number;
  /** Where it begins in the buffer, in bytes. */
  readonly offset: number;
  /** The whole buffer's memory. */
  readonly root: Memory;
  /** Of a whole buffer: how many hold it or a part of it. Counted by the pool. */
  users = 0;
  #parts: Map<number, Memory> | undefined;

  constructor(buffer: GPUBuffer, size: number, serial: number, root?: Memory, offset = 0) {
    this.buffer = buffer;
    this.size = size;
    this.serial = serial;
    this.root = root ?? this;
    this.offset = offset;
  }

  /** What begins at a byte of the buffer; the same object for the same byte. */
  at(offset: number): Memory {
    if (offset === this.offset) return this;
    const { root } = this;
    if (offset === 0) return root;
    root.#parts ??= new Map();
    let part = root.#parts.get(offset);
    if (part === undefined) {
      part = new Memory(root.buffer, root.size - offset, root.serial, root, offset);
      root.#parts.set(offset, part);
    }
    return part;
  }
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
      memory = new Memory(this.#create(size), size, this.#made++);
      this.#held += size;
    }
    memory.users = 1;
    this.#live += size;
    this.#peak = Math.max(this.#peak, this.#live);
    return memory;
  }

  /** Gives what begins at a byte of a buffer that is in use to one more user. */
  share(memory: Memory, offset: number): Memory {
    memory.root.users++;
    return memory.at(offset);
  }

  /** Takes one user's memory back; the buffer is free when all its users are gone. */
  release(part: Memory): void {
    const memory = part.root;
    if (--memory.users > 0) return;
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
