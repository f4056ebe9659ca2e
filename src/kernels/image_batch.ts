import type { DeviceArray } from './device_array.ts';
import { OutOfMemoryError, ShapeError } from './errors.ts';
import type { Gpu } from './gpu.ts';
import { flatGrid } from './grid.ts';

export interface ImageSize {
  height: number;
  width: number;
  channels: number;
}

export interface BatchOptions {
  /** Of the bytes scaled to [0, 1], per channel. */
  mean: readonly number[];
  std: readonly number[];
  /** Random crop to the same size after `padding` black pixels on each side. */
  crop?: { padding: number };
  /** Probability of a horizontal flip. Default 0. */
  flip?: number;
}

/** Images and labels that lie on the device as bytes and words, uploaded once, from which batches are put together there. */
export class DeviceImages {
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  #gpu: Gpu;
  #bytes: DeviceArray<'u32'>;
  #labels: DeviceArray<'u32'>;
  #table: DeviceArray<'f32'> | undefined;
  #tableOf = '';

  private constructor(
    gpu: Gpu,
    bytes: DeviceArray<'u32'>,
    labels: DeviceArray<'u32'>,
    { height, width, channels }: ImageSize,
  ) {
    this.#gpu = gpu;
    this.#bytes = bytes;
    this.#labels = labels;
    this.count = labels.length;
    this.height = height;
    this.width = width;
    this.channels = channels;
  }

  /**
   * images: [N, H, W, C] bytes. labels: [N].
   * Throws ShapeError where the sizes do not fit, RangeError for a label that is no class number, OutOfMemoryError where the images are
   * more than the adapter can bind at once.
   */
  static upload(gpu: Gpu, images: Uint8Array, labels: ArrayLike<number>, size: ImageSize): DeviceImages {
    const each = size.height * size.width * size.channels;
    if (images.length !== labels.length * each) {
      throw new ShapeError(
        `image batch: ${labels.length} labels and images of [${size.height}, ${size.width}, ${size.channels}] need ${labels.length * each} bytes, not ${images.length}.`,
      );
    }
    const most = gpu.device.limits.maxStorageBufferBindingSize;
    if (images.length > most) {
      throw new OutOfMemoryError(
        `image batch: ${images.length} bytes of images are more than the ${most} that this adapter can bind; use fewer images.`,
      );
    }
    for (let i = 0; i < labels.length; i++) {
      if (!Number.isInteger(labels[i]) || labels[i] < 0) {
        throw new RangeError(`image batch: a label must be a class number, 0 or more; label ${i} is ${labels[i]}.`);
      }
    }
    const words = new Uint32Array(Math.ceil(images.length / 4));
    new Uint8Array(words.buffer).set(images);
    return gpu.unscoped(
      () => new DeviceImages(gpu, gpu.upload(words, 'images'), gpu.upload(Uint32Array.from(labels), 'labels'), size),
    );
  }

  /**
   * The images at these positions as [B, H, W, C], normalised, cropped and flipped as the options say, and their labels [B]. What is random
   * is drawn from the device's generator.
   * Throws ShapeError for a position past the end, RangeError for options out of range.
   */
  batch(positions: Uint32Array, options: BatchOptions): { images: DeviceArray<'f32'>; labels: DeviceArray<'u32'> } {
    for (const position of positions) {
      if (position >= this.count)
        throw new ShapeError(`image batch: there is no image ${position} among ${this.count}.`);
    }
    const pad = options.crop?.padding ?? 0;
    const flip = options.flip ?? 0;
    if (!Number.isInteger(pad) || pad < 0) {
      throw new RangeError(`image batch: the padding must be a whole number of pixels, at least 0; it is ${pad}.`);
    }
    if (!(flip >= 0 && flip <= 1)) throw new RangeError(`image batch: flip must be from 0 to 1; it is ${flip}.`);
    const gpu = this.#gpu;
    const { height: h, width: w, channels: c } = this;
    const count = positions.length * h * w * c;
    const index = gpu.upload(positions, 'imageBatch');
    const images = gpu.alloc(count, 'f32', 'imageBatch');
    // Images taken as they are leave the generator where it stands.
    const random = options.crop || flip ? gpu.takeRandom() : { seedLow: 0, seedHigh: 0, offset: 0 };
    gpu.dispatch('image_batch', {
      operation: 'imageBatch',
      arrays: {
        bytes: [this.#bytes, this.#bytes.length],
        index: [index, positions.length],
        table: [this.#normalised(options), 256 * c],
        y: [images, count],
      },
      params: {
        ...{ h, w, c, pad, flip },
        ...{ seed_low: random.seedLow, seed_high: random.seedHigh, offset: random.offset },
      },
      workgroups: [Math.ceil((h * w) / 64), positions.length],
      bytes: 5 * count,
    });
    const labels = gpu.alloc(positions.length, 'u32', 'imageBatch');
    gpu.dispatch('gather', {
      operation: 'imageBatch',
      arrays: { x: [this.#labels, this.count], index: [index, positions.length], y: [labels, positions.length] },
      params: { count: positions.length },
      workgroups: flatGrid(positions.length),
      bytes: 12 * positions.length,
    });
    return { images, labels };
  }

  /** (v / 255 − mean) / std of each byte v, [C, 256], on the device; uploaded when mean or deviation change. */
  #normalised({ mean, std }: BatchOptions): DeviceArray<'f32'> {
    if (mean.length !== this.channels || std.length !== this.channels) {
      throw new ShapeError(
        `image batch: ${this.channels} channels need as many means and deviations, not ${mean.length} and ${std.length}.`,
      );
    }
    const key = `${mean};${std}`;
    if (this.#table === undefined || key !== this.#tableOf) {
      const table = Float32Array.from({ length: 256 * this.channels }, (_, i) =>
        normalise(i % 256, mean[i >> 8], std[i >> 8]),
      );
      if (!table.every(Number.isFinite) || !std.every((deviation) => deviation > 0)) {
        throw new RangeError(
          `image batch: means and deviations must be numbers, deviations above 0; they are [${mean}] and [${std}].`,
        );
      }
      this.#table = this.#gpu.unscoped(() => this.#gpu.upload(table, 'normalisation'));
      this.#tableOf = key;
    }
    return this.#table;
  }
}

/** As torchvision's ToTensor and Normalize round it: each step to float32. */
function normalise(byte: number, mean: number, std: number): number {
  const centred = Math.fround(Math.fround(byte / 255) - Math.fround(mean));
  return Math.fround(centred / Math.fround(std));
}
