import type { CommandStream } from './command_stream.ts';
import type { DeviceMemory } from './device_memory.ts';
import { ShapeError } from './errors.ts';
import { DeviceArray, type ElementType, type Gpu } from './gpu.ts';
import type { Memory } from './memory_pool.ts';
import type { Ownership } from './ownership.ts';
import { checkDevice } from './same_device.ts';

/** What the arrays of a device are made of: its memory, who owns it, and the queue that moves bytes. */
export interface ArrayStoreParts {
  memory: DeviceMemory;
  owners: Ownership;
  stream: CommandStream;
  /** Whether memory still goes back to the pool: not once the device is destroyed. */
  isOpen: () => boolean;
}

/** Makes a device's arrays, fills them, copies between them and takes their memory back. See `Gpu` for what each does. */
export class ArrayStore {
  #gpu: Gpu;
  #memory: DeviceMemory;
  #owners: Ownership;
  #stream: CommandStream;
  #isOpen: () => boolean;

  constructor(gpu: Gpu, { memory, owners, stream, isOpen }: ArrayStoreParts) {
    this.#gpu = gpu;
    this.#memory = memory;
    this.#owners = owners;
    this.#stream = stream;
    this.#isOpen = isOpen;
  }

  alloc<T extends ElementType>(length: number, type: T, operation: string): DeviceArray<T> {
    const bytes = Math.max(16, Math.ceil(length / 4) * 16);
    return this.#adopt(this.#memory.acquire(bytes, operation), length, type, operation);
  }

  #adopt<T extends ElementType>(memory: Memory, length: number, type: T, operation: string): DeviceArray<T> {
    const array = new DeviceArray(this.#gpu, memory, length, type, operation);
    this.#owners.adopt(array);
    return array;
  }

  write(array: DeviceArray, data: Float32Array | Uint32Array): void {
    checkDevice(this.#gpu, 'write', array);
    if (data.length !== array.length) {
      throw new ShapeError(`write: '${array.origin}' holds ${array.length} elements, the data ${data.length}.`);
    }
    if (data.length > 0) this.#stream.upload(array.memory, data);
  }

  copyRange(from: DeviceArray, fromStart: number, to: DeviceArray, toStart: number, length: number): void {
    for (const array of [from, to]) checkDevice(this.#gpu, 'copy', array);
    if (fromStart + length > from.length || toStart + length > to.length) {
      throw new ShapeError(
        `copy: ${length} elements from ${fromStart} of ${from.length} do not fit at ${toStart} of ${to.length}.`,
      );
    }
    const source = from.memory;
    const target = to.memory;
    if (source.buffer === target.buffer) {
      // The device copies between different buffers only.
      this.#owners.run(() => {
        const between = this.alloc(length, from.type, 'copy');
        this.copyRange(from, fromStart, between, 0, length);
        this.copyRange(between, 0, to, toStart, length);
      });
      return;
    }
    const [fromByte, toByte] = [source.offset + fromStart * 4, target.offset + toStart * 4];
    this.#stream.copy(source.buffer, fromByte, target.buffer, toByte, length * 4);
  }

  part<T extends ElementType>(array: DeviceArray<T>, start: number, length: number, operation: string): DeviceArray<T> {
    checkDevice(this.#gpu, operation, array);
    const { memory } = array;
    if (start % 64 !== 0 || memory.offset + (start + length) * 4 > memory.root.size) {
      throw new ShapeError(
        `${operation}: there is no part of ${length} elements from ${start} on in '${array.origin}'.`,
      );
    }
    return this.#adopt(this.#memory.share(memory, memory.offset + start * 4), length, array.type, operation);
  }

  move(array: DeviceArray, place: DeviceArray): void {
    this.copyRange(array, 0, place, 0, array.length);
    const { memory } = place;
    const before = array.moveTo(this.#memory.share(memory, memory.offset));
    if (array.isWatched) {
      this.#owners.unwatch(array);
      this.#owners.watch(array);
    }
    this.release(before);
  }

  recycle(array: DeviceArray, memory: Memory): void {
    if (array.isWatched) this.#owners.unwatch(array);
    this.release(memory);
  }

  /** Gives memory that nobody holds any more back to the pool. */
  release(memory: Memory): void {
    if (this.#isOpen()) this.#memory.release(memory);
  }
}
