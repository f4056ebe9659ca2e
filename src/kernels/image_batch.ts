import { ShapeError } from '../runtime/errors.ts';
import type { DeviceArray, Gpu } from '../runtime/gpu.ts';
import { groupsFor } from '../runtime/grid.ts';
import { dispatch } from './dispatch.ts';
import { type ImageBytes, type ImageStore, type ReachableImages, storeImages } from './image_store.ts';
import { type ImageTransform, lumaOf, MAGNITUDES, magnitudeTable } from './image_transform.ts';

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

/** What each class's images are changed by, [classes], and what all are normalised by, as in BatchOptions. */
export interface TransformedBatchOptions extends Pick<BatchOptions, 'mean' | 'std'> {
  perClass: readonly ImageTransform[];
}

/** Images as bytes and labels as words, from which batches are put together on the device. The images lie where they fit; see `storeImages`. */
export class DeviceImages {
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  #gpu: Gpu;
  #store: ImageStore;
  #labels: DeviceArray<'u32'>;
  #table: DeviceArray<'f32'> | undefined;
  #tableOf = '';
  #grey: DeviceArray<'f32'> | undefined;
  #transforms: { key: string; magnitudes: DeviceArray<'f32'>; channels: DeviceArray<'f32'> } | undefined;
  #largestLabel: number;

  private constructor(
    gpu: Gpu,
    store: ImageStore,
    labels: DeviceArray<'u32'>,
    { height, width, channels }: ImageSize,
    largestLabel: number,
  ) {
    this.#largestLabel = largestLabel;
    this.#gpu = gpu;
    this.#store = store;
    this.#labels = labels;
    this.count = labels.length;
    this.height = height;
    this.width = width;
    this.channels = channels;
  }

  /** Where the images lie. */
  get place(): ImageStore['place'] {
    return this.#store.place;
  }

  /**
   * images: [N, H, W, C] bytes. labels: [N].
   * Throws ShapeError where the sizes do not fit, RangeError for a label that is no class number, OutOfMemoryError for an image that the adapter
   * cannot bind.
   */
  static upload(gpu: Gpu, images: ImageBytes, labels: ArrayLike<number>, size: ImageSize): DeviceImages {
    const each = size.height * size.width * size.channels;
    if (images.length !== labels.length * each) {
      throw new ShapeError(
        `image batch: ${labels.length} labels and images of [${size.height}, ${size.width}, ${size.channels}] need ${labels.length * each} bytes, not ${images.length}.`,
      );
    }
    let largest = 0;
    for (let i = 0; i < labels.length; i++) {
      largest = Math.max(largest, labels[i]);
      if (!Number.isInteger(labels[i]) || labels[i] < 0) {
        throw new RangeError(`image batch: a label must be a class number, 0 or more; label ${i} is ${labels[i]}.`);
      }
    }
    const store = storeImages(gpu, images, each);
    return gpu.unscoped(
      () => new DeviceImages(gpu, store, gpu.upload(Uint32Array.from(labels), 'labels'), size, largest),
    );
  }

  /**
   * The images at these positions as [B, H, W, C], normalised, cropped and flipped as the options say, and their labels [B]. What is random
   * is drawn from the device's generator.
   * Throws ShapeError for a position past the end, RangeError for options out of range.
   */
  batch(positions: Uint32Array, options: BatchOptions): { images: DeviceArray<'f32'>; labels: DeviceArray<'u32'> } {
    this.#checkPositions(positions);
    const pad = options.crop?.padding ?? 0;
    const flip = options.flip ?? 0;
    if (!Number.isInteger(pad) || pad < 0) {
      throw new RangeError(`image batch: the padding must be a whole number of pixels, at least 0; it is ${pad}.`);
    }
    if (!(flip >= 0 && flip <= 1)) throw new RangeError(`image batch: flip must be from 0 to 1; it is ${flip}.`);
    const gpu = this.#gpu;
    const { height: h, width: w, channels: c } = this;
    const count = positions.length * h * w * c;
    const reached = this.#store.reach(positions);
    const { bytes, index } = reached;
    const images = gpu.alloc(count, 'f32', 'imageBatch');
    // Images taken as they are leave the generator where it stands.
    const random = options.crop || flip ? gpu.takeRandom() : { seedLow: 0, seedHigh: 0, offset: 0 };
    dispatch(gpu, 'image_batch', {
      operation: 'imageBatch',
      arrays: {
        bytes: [bytes, bytes.length],
        index: [index, positions.length],
        table: [this.#normalised(options), 256 * c],
        y: [images, count],
      },
      params: {
        ...{ h, w, c, pad, flip },
        ...{ seed_low: random.seedLow, seed_high: random.seedHigh, offset: random.offset },
      },
      workgroups: [groupsFor(gpu, 'image_batch', h * w), positions.length],
      bytes: 5 * count,
      flops: 0,
    });
    return { images, labels: this.#labelsAt(positions, reached) };
  }

  /**
   * The images at these positions as [B, H, W, C], each changed at random as its class is to be, then normalised, and their labels [B]. Drawn
   * from the device's generator; a class of which only crop and flip are asked gets those that `batch` would have drawn.
   * Throws ShapeError for a position past the end, for fewer transforms than classes, and for more than four channels; RangeError for a
   * transform out of range.
   */
  transformedBatch(
    positions: Uint32Array,
    { mean, std, perClass }: TransformedBatchOptions,
  ): { images: DeviceArray<'f32'>; labels: DeviceArray<'u32'> } {
    this.#checkPositions(positions);
    const gpu = this.#gpu;
    const { height: h, width: w, channels: c } = this;
    if (c > 4) throw new ShapeError(`image batch: images of up to 4 channels can be transformed; these have ${c}.`);
    if (perClass.length <= this.#largestLabel) {
      throw new ShapeError(`image batch: ${perClass.length} transforms are too few for class ${this.#largestLabel}.`);
    }
    const { magnitudes, channels } = this.#transformTables({ mean, std, perClass });
    const count = positions.length * h * w * c;
    const reached = this.#store.reach(positions);
    const { bytes, index, count: reachable } = reached;
    const labels = this.#labelsAt(positions, reached);
    const images = gpu.alloc(count, 'f32', 'imageBatch');
    const random = gpu.takeRandom();
    dispatch(gpu, 'image_batch_augmented', {
      operation: 'imageBatch',
      arrays: {
        bytes: [bytes, bytes.length],
        labels: [this.#store.whole ? this.#labels : labels, reachable],
        grey: [this.#greyOf(reached), reachable],
        index: [index, positions.length],
        magnitudes: [magnitudes, perClass.length * MAGNITUDES],
        channels: [channels, 3 * c],
        y: [images, count],
      },
      params: { ...{ h, w, c }, seed_low: random.seedLow, seed_high: random.seedHigh, offset: random.offset },
      workgroups: [groupsFor(gpu, 'image_batch_augmented', h * w), positions.length],
      bytes: 8 * count,
      // Of each channel interpolation, colour and normalisation; of each pixel the place it comes from.
      flops: 23 * count + 12 * positions.length * h * w,
    });
    return { images, labels };
  }

  #checkPositions(positions: Uint32Array): void {
    for (const position of positions) {
      if (position >= this.count)
        throw new ShapeError(`image batch: there is no image ${position} among ${this.count}.`);
    }
  }

  #labelsAt(positions: Uint32Array, reached: ReachableImages): DeviceArray<'u32'> {
    const index = this.#store.whole ? reached.index : this.#gpu.upload(positions, 'imageBatch');
    const labels = this.#gpu.alloc(index.length, 'u32', 'imageBatch');
    dispatch(this.#gpu, 'gather', {
      operation: 'imageBatch',
      arrays: { x: [this.#labels, this.count], index: [index, index.length], y: [labels, index.length] },
      params: { count: index.length },
      invocations: index.length,
      bytes: 12 * index.length,
      flops: 0,
    });
    return labels;
  }

  /** Mean grey of each of the images that are reached: of all, computed once, where all lie in one array; else of the batch's. */
  #greyOf({ bytes, count }: ReachableImages): DeviceArray<'f32'> {
    if (this.#store.whole === undefined) return this.#greyIn(bytes, count);
    this.#grey ??= this.#gpu.unscoped(() => this.#greyIn(bytes, count));
    return this.#grey;
  }

  #greyIn(bytes: DeviceArray<'u32'>, count: number): DeviceArray<'f32'> {
    const { height, width, channels: c } = this;
    const gpu = this.#gpu;
    const luma = gpu.upload(Float32Array.from(lumaOf(c)), 'imageGrey');
    const grey = gpu.alloc(count, 'f32', 'imageGrey');
    dispatch(gpu, 'image_grey', {
      operation: 'imageGrey',
      arrays: { bytes: [bytes, bytes.length], luma: [luma, c], y: [grey, count] },
      params: { count, pixels: height * width, c },
      invocations: count,
      flops: 2 * c * count,
    });
    return grey;
  }

  /** The transforms and the channels' means, deviations and shares in grey on the device; uploaded when they change. */
  #transformTables({ mean, std, perClass }: TransformedBatchOptions) {
    const key = JSON.stringify([mean, std, perClass]);
    if (this.#transforms?.key !== key) {
      this.#checkNormalisation({ mean, std });
      const magnitudes = magnitudeTable(perClass);
      const luma = lumaOf(this.channels);
      const channels = Float32Array.from(mean.flatMap((value, c) => [value, 1 / std[c], luma[c]]));
      this.#transforms = this.#gpu.unscoped(() => ({
        key,
        magnitudes: this.#gpu.upload(magnitudes, 'transforms'),
        channels: this.#gpu.upload(channels, 'normalisation'),
      }));
    }
    return this.#transforms;
  }

  #checkNormalisation({ mean, std }: Pick<BatchOptions, 'mean' | 'std'>): void {
    if (mean.length !== this.channels || std.length !== this.channels) {
      throw new ShapeError(
        `image batch: ${this.channels} channels need as many means and deviations, not ${mean.length} and ${std.length}.`,
      );
    }
    // As float32 numbers, which is what the device computes with.
    const usable = (deviation: number) => deviation > 0 && Number.isFinite(1 / Math.fround(deviation));
    if (!mean.every(Number.isFinite) || !std.every(usable)) {
      throw new RangeError(
        `image batch: means and deviations must be numbers, deviations above 0; they are [${mean}] and [${std}].`,
      );
    }
  }

  /** (v / 255 − mean) / std of each byte v, [C, 256], on the device; uploaded when mean or deviation change. */
  #normalised({ mean, std }: BatchOptions): DeviceArray<'f32'> {
    const key = `${mean};${std}`;
    if (this.#table === undefined || key !== this.#tableOf) {
      this.#checkNormalisation({ mean, std });
      const table = Float32Array.from({ length: 256 * this.channels }, (_, i) =>
        normalise(i % 256, mean[i >> 8], std[i >> 8]),
      );
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
