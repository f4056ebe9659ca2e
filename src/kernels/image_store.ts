import { OutOfMemoryError } from '../runtime/errors.ts';
import type { DeviceArray, Gpu } from '../runtime/gpu.ts';

/** The bytes of images, of which any part can be had: a Uint8Array, or what reads it from elsewhere. */
export interface ImageBytes {
  readonly length: number;
  /** The bytes from `start` to before `end`, not to be changed. */
  subarray(start: number, end: number): Uint8Array;
}

/** Images as a kernel reads them: an array of bytes, four in a word, and where in it, counted in images, each of a batch stands. */
export interface ReachableImages {
  bytes: DeviceArray<'u32'>;
  /** Images that the array holds. */
  count: number;
  /** [B] */
  index: DeviceArray<'u32'>;
}

/** The bytes of an image set, wherever they lie. A batch has the same bits from each. */
export interface ImageStore {
  /** 'device': in one array. 'device parts': in several, as one would be more than the adapter can bind. 'host': where they were given, in the memory of the host or in a file. */
  readonly place: 'device' | 'device parts' | 'host';
  /** Images of the current scope's batch. positions: [B]. */
  reach(positions: Uint32Array): ReachableImages;
  /** All images in one array, where they lie so; undefined elsewhere. */
  readonly whole: DeviceArray<'u32'> | undefined;
}

/** Bytes that are read and uploaded at a time: so much memory of the host an upload takes, however many images there are. */
const BLOCK = 2 ** 24;

/** The bytes from start to before end as words on the device, the last one filled up with zeros. start: a multiple of four. */
function uploadRange(gpu: Gpu, images: ImageBytes, start: number, end: number): DeviceArray<'u32'> {
  const all = gpu.unscoped(() => gpu.alloc(Math.ceil((end - start) / 4), 'u32', 'images'));
  for (let from = start; from < end; from += BLOCK) {
    const bytes = images.subarray(from, Math.min(from + BLOCK, end));
    const words = new Uint32Array(Math.ceil(bytes.length / 4));
    new Uint8Array(words.buffer).set(bytes);
    gpu.scope(() => gpu.copyRange(gpu.upload(words, 'images'), 0, all, (from - start) / 4, words.length));
  }
  return all;
}

/** 0, 1, 2, …: where the images of a batch stand that were put together for it. */
function inOrder(gpu: Gpu, count: number): DeviceArray<'u32'> {
  return gpu.upload(
    Uint32Array.from({ length: count }, (_, i) => i),
    'imageBatch',
  );
}

class OneArray implements ImageStore {
  readonly place = 'device';
  readonly whole: DeviceArray<'u32'>;
  #count: number;

  constructor(gpu: Gpu, images: ImageBytes, each: number) {
    this.#count = images.length / each;
    this.whole = uploadRange(gpu, images, 0, images.length);
  }

  reach(positions: Uint32Array): ReachableImages {
    const { whole } = this;
    return { bytes: whole, count: this.#count, index: whole.gpu.upload(positions, 'imageBatch') };
  }
}

/** Copies the images of each batch together on the device. Images take whole words each, so that they can be copied. */
class SeveralArrays implements ImageStore {
  readonly place = 'device parts';
  readonly whole = undefined;
  #gpu: Gpu;
  #parts: DeviceArray<'u32'>[] = [];
  #words: number;
  #perPart: number;

  constructor(gpu: Gpu, images: ImageBytes, each: number) {
    this.#gpu = gpu;
    this.#words = each / 4;
    this.#perPart = Math.floor(gpu.limits.arrayBytes / each);
    const bytes = this.#perPart * each;
    for (let start = 0; start < images.length; start += bytes) {
      this.#parts.push(uploadRange(gpu, images, start, Math.min(start + bytes, images.length)));
    }
  }

  reach(positions: Uint32Array): ReachableImages {
    const count = positions.length;
    const bytes = this.#gpu.alloc(count * this.#words, 'u32', 'imageBatch');
    for (const [slot, position] of positions.entries()) {
      const part = this.#parts[Math.floor(position / this.#perPart)];
      const start = (position % this.#perPart) * this.#words;
      this.#gpu.copyRange(part, start, bytes, slot * this.#words, this.#words);
    }
    return { bytes, count, index: inOrder(this.#gpu, count) };
  }
}

/** Uploads the images of each batch. The device is steps behind the host, so it need not wait for them. */
class OnHost implements ImageStore {
  readonly place = 'host';
  readonly whole = undefined;
  #gpu: Gpu;
  #images: ImageBytes;
  #each: number;

  constructor(gpu: Gpu, images: ImageBytes, each: number) {
    this.#gpu = gpu;
    this.#images = images;
    this.#each = each;
  }

  reach(positions: Uint32Array): ReachableImages {
    const each = this.#each;
    const count = positions.length;
    const words = new Uint32Array(Math.ceil((count * each) / 4));
    const bytes = new Uint8Array(words.buffer);
    for (const [slot, position] of positions.entries()) {
      bytes.set(this.#images.subarray(position * each, (position + 1) * each), slot * each);
    }
    return { bytes: this.#gpu.upload(words, 'imageBatch'), count, index: inOrder(this.#gpu, count) };
  }
}

/**
 * Puts images where they fit: into one array on the device; into several, where that would be more than the adapter can bind; and where they are
 * more than `gpu.imageMemory`, they stay where they are and each batch is uploaded.
 *
 * images: [N, H, W, C] bytes, each image `each` of them. Throws OutOfMemoryError for an image that is itself more than the adapter can bind.
 */
export function storeImages(gpu: Gpu, images: ImageBytes, each: number): ImageStore {
  const most = gpu.limits.arrayBytes;
  if (each > most) {
    throw new OutOfMemoryError(
      `image batch: an image of ${each} bytes is more than the ${most} that this adapter can bind; use smaller images.`,
    );
  }
  const fits = images.length <= gpu.imageMemory;
  if (fits && images.length <= most) return new OneArray(gpu, images, each);
  if (fits && each % 4 === 0) return new SeveralArrays(gpu, images, each);
  return new OnHost(gpu, images, each);
}
