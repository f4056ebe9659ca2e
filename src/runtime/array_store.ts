import type { CommandStream } from './command_stream.ts';
import type { DeviceMemory } from './device_memory.ts';
import { DeviceError, ShapeError } from './errors.ts';
import { bytesOf, DeviceArray, type ElementType, elementBytes, type Gpu, type Storage } from './gpu.ts';
import { toHalves } from './half.ts';
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

  alloc<T extends ElementType>(length: number, type: T, operation: string, storage: Storage): DeviceArray<T> {
    if (storage === 'f16' && !this.#gpu.supportsF16) {
      throw new DeviceError(
        `${operation}: half precision needs the feature shader-f16, which this adapter does not offer; compute in float32.`,
      );
    }
    return this.#adopt(this.#memory.acquire(bytesOf(length, storage), operation), length, type, operation, storage);
  }

  #adopt<T extends ElementType>(
    memory: Memory,
    length: number,
    type: T,
    operation: string,
    storage: Storage,
  ): DeviceArray<T> {
    const array = new DeviceArray(this.#gpu, memory, length, type, operation, storage);
    this.#owners.adopt(array);
    return array;
  }

  write(array: DeviceArray, data: Float32Array | Uint32Array): void {
    checkDevice(this.#gpu, 'write', array);
    if (data.length !== array.length) {
      throw new ShapeError(`write: '${array.origin}' holds ${array.length} elements, the data ${data.length}.`);
    }
    if (data.length === 0) return;
    const isHalf = array.storage === 'f16';
    this.#stream.upload(array.memory, isHalf ? wholeWords(toHalves(data)) : data);
  }

  copyRange(from: DeviceArray, fromStart: number, to: DeviceArray, toStart: number, length: number): void {
    for (const array of [from, to]) checkDevice(this.#gpu, 'copy', array);
    if (fromStart + length > from.length || toStart + length > to.length) {
      throw new ShapeError(
        `copy: ${length} elements from ${fromStart} of ${from.length} do not fit at ${toStart} of ${to.length}.`,
      );
    }
    // Words of whatever type: the monitor of a training gathers its counts among numbers.
    if (elementBytes(from.storage) !== elementBytes(to.storage)) {
      throw new ShapeError(`copy: '${from.origin}' is stored as ${from.storage}, '${to.origin}' as ${to.storage}.`);
    }
    const source = from.memory;
    const target = to.memory;
    if (source.buffer === target.buffer) {
      // The device copies between different buffers only.
      this.#owners.run(() => {
        const between = this.alloc(length, from.type, 'copy', from.storage);
        this.copyRange(from, fromStart, between, 0, length);
        this.copyRange(between, 0, to, toStart, length);
      });
      return;
    }
    const size = elementBytes(from.storage);
    const [fromByte, toByte] = [source.offset + fromStart * size, target.offset + toStart * size];
    // A copy is of whole words. Behind an array's last element there is slack, elsewhere not.
    const isOdd = (fromByte | toByte | (length * size)) % 4 !== 0;
    const reachesEnds = fromStart + length === from.length && toStart + length === to.length;
    if (isOdd && !((fromByte | toByte) % 4 === 0 && reachesEnds)) {
      throw new ShapeError(
        `copy: of elements of two bytes only an even number from and to even places can be copied, not ${length} from ${fromStart} to ${toStart}.`,
      );
    }
    this.#stream.copy(source.buffer, fromByte, target.buffer, toByte, Math.ceil((length * size) / 4) * 4);
  }

  part<T extends ElementType>(array: DeviceArray<T>, start: number, length: number, operation: string): DeviceArray<T> {
    checkDevice(this.#gpu, operation, array);
    const { memory } = array;
    const size = elementBytes(array.storage);
    if ((start * size) % 256 !== 0 || memory.offset + (start + length) * size > memory.root.size) {
      throw new ShapeError(
        `${operation}: there is no part of ${length} elements from ${start} on in '${array.origin}'.`,
      );
    }
    const shared = this.#memory.share(memory, memory.offset + start * size);
    return this.#adopt(shared, length, array.type, operation, array.storage);
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

/** Halves as the words that an upload takes; behind an odd number of them stands a zero. */
function wholeWords(halves: Uint16Array): Uint32Array {
  if (halves.length % 2 === 0) return new Uint32Array(halves.buffer, halves.byteOffset, halves.length / 2);
  const whole = new Uint16Array(halves.length + 1);
  whole.set(halves);
  return new Uint32Array(whole.buffer);
}
