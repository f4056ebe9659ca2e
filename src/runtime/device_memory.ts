import { OutOfMemoryError } from './errors.ts';
import { type Memory, MemoryPool, type MemoryUse } from './memory_pool.ts';

const STORAGE = 0x80 | 0x08 | 0x04; // STORAGE | COPY_DST | COPY_SRC

/** The memory of a device: a pool of its buffers, with a limit, and with names for what does not fit. */
export class DeviceMemory {
  /** Most bytes that the pool may hold. */
  limit = Number.POSITIVE_INFINITY;
  /** Told of a buffer that nobody uses any more, before it is handed out again. */
  onFree: ((root: Memory) => void) | undefined;
  #device: GPUDevice;
  /** Bytes that each buffer has before and behind its array. */
  #before: number;
  #behind: number;
  /** Bytes of the largest array. */
  #most: number;
  #trim: () => void;
  #fail: (error: Error) => void;
  #pool = new MemoryPool((size) => this.#createBuffer(size));
  #operation = '';
  #allocations: Promise<void>[] = [];

  /**
   * mostBytes: of one array. trim: sees to it that nothing is under way any more that uses free buffers, and calls `destroyFree`. fail: told where
   * the device itself had no room, which it says later. margins: bytes that each buffer has before and behind its array.
   */
  constructor(
    device: GPUDevice,
    mostBytes: number,
    trim: () => void,
    fail: (error: Error) => void,
    margins: readonly [number, number] = [0, 0],
  ) {
    this.#device = device;
    this.#most = mostBytes;
    this.#trim = trim;
    this.#fail = fail;
    [this.#before, this.#behind] = margins;
  }

  get use(): MemoryUse {
    return this.#pool.use;
  }

  /** Starts the measurement of `use.peakBytes` anew. */
  resetPeak(): void {
    this.#pool.resetPeak();
  }

  /** Buffers made so far. */
  get buffers(): number {
    return this.#pool.made;
  }

  /** Memory for one array. Throws OutOfMemoryError, naming the operation, where it passes a limit. */
  acquire(bytes: number, operation: string): Memory {
    if (bytes > this.#most) {
      throw new OutOfMemoryError(
        `${operation}: one array of ${bytes} bytes is more than the ${this.#most} that this adapter can bind; use a smaller batch or a narrower model.`,
      );
    }
    const whole = this.#before + bytes + this.#behind;
    if (this.#passesLimit(whole)) {
      this.#trim();
      if (this.#passesLimit(whole)) {
        throw new OutOfMemoryError(
          `${operation}: no room for ${bytes} bytes (${this.use.heldBytes} of ${this.limit} are in use); use a smaller batch or a narrower model.`,
        );
      }
    }
    this.#operation = operation;
    return this.#pool.acquire(whole).at(this.#before);
  }

  #passesLimit(bytes: number): boolean {
    return this.use.heldBytes + this.#pool.growth(bytes) > this.limit;
  }

  /** Gives what begins at a byte of a buffer that is in use to one more user. */
  share(memory: Memory, offset: number): Memory {
    return this.#pool.share(memory, offset);
  }

  /** Takes one user's memory back. */
  release(memory: Memory): void {
    if (memory.root.users === 1) this.onFree?.(memory.root);
    this.#pool.release(memory);
  }

  /** Destroys the free buffers. */
  destroyFree(): void {
    this.#pool.trim();
  }

  /** Waits until the device has said of each buffer made so far whether it had room. */
  async settle(): Promise<void> {
    const allocations = this.#allocations;
    this.#allocations = [];
    await Promise.all(allocations);
  }

  /** Does something once the device has said so; `settle` waits for it. */
  onceSettled(work: () => void): void {
    this.#allocations = [Promise.all(this.#allocations).then(work, work)];
  }

  #createBuffer(size: number): GPUBuffer {
    const operation = this.#operation;
    this.#device.pushErrorScope('out-of-memory');
    const buffer = this.#device.createBuffer({ label: operation, size, usage: STORAGE });
    this.#allocations.push(
      this.#device.popErrorScope().then((error) => {
        if (error)
          this.#fail(
            new OutOfMemoryError(
              `${operation}: the GPU has no room for ${size} bytes (${this.use.liveBytes} are in use); use a smaller batch or a narrower model.`,
            ),
          );
      }),
    );
    return buffer;
  }
}
