import { Tensor } from '../autograd/tensor.ts';
import { DeviceImages } from '../kernels/image_batch.ts';
import type { ImageTransform } from '../kernels/image_transform.ts';
import { cutmix, mixup, softTargets } from '../kernels/mix.ts';
import type { Gpu } from '../runtime/gpu.ts';
import { Philox } from '../runtime/philox.ts';
import type { Augmentation } from './augmentation/index.ts';
import { drawMix, type Mix } from './augmentation/mix.ts';
import { ALL_CHANGES, type ImageDataset, type ImageSplit, type KeptChanges } from './image_dataset.ts';
import { PickedImages } from './picked_images.ts';
import { MIXING_STREAM } from './random_streams.ts';

export type { Augmentation } from './augmentation/index.ts';

/** Random numbers set aside for the mixing of a batch. */
const NUMBERS_PER_MIX = 2 ** 24;

/** A batch on the device. */
export interface Batch {
  /** [B, H, W, C], normalised. */
  images: Tensor;
  /** [B] */
  labels: Tensor<'u32'>;
  /** Of mixed images, [B, C]: what to train them towards in the place of `labels`, which then are those of the first of each two. */
  softTargets?: Tensor;
}

/** Images as bytes, on the device where they fit; batches are put together there. */
export class BatchSource {
  readonly classes: number;
  /** [N] on the host. */
  readonly labels: Uint32Array;
  /** Changes that keep the class of an image. */
  readonly keeps: KeptChanges;
  #images: DeviceImages;
  #normalisation: { mean: readonly number[]; std: readonly number[] };

  /** Uploads a split, or, where positions are given, only these images of it, in their order. */
  constructor(gpu: Gpu, dataset: ImageDataset, split: ImageSplit, positions?: Uint32Array) {
    const { images, labels } = positions ? pick(split, positions, dataset) : split;
    this.classes = dataset.classNames.length;
    this.labels = Uint32Array.from(labels);
    this.keeps = dataset.keeps ?? ALL_CHANGES;
    this.#normalisation = { mean: dataset.mean, std: dataset.std };
    this.#images = DeviceImages.upload(gpu, images, labels, dataset);
  }

  /** [H, W, C] */
  get imageShape(): readonly [number, number, number] {
    const { height, width, channels } = this.#images;
    return [height, width, channels];
  }

  get count(): number {
    return this.labels.length;
  }

  /** Normalised images as they are. indices: positions in this source. */
  plain(indices: Uint32Array): Batch {
    return this.#batch(indices, {});
  }

  /** Waits for the bytes of images, [B, H, W, C], as they were before they were normalised. indices: positions in this source. */
  async pixels(indices: Uint32Array): Promise<Uint8Array> {
    const { mean, std } = this.#normalisation;
    const values = await this.#images.batch(indices, this.#normalisation).images.read();
    const { channels } = this.#images;
    return Uint8Array.from(values, (value, i) => Math.round(255 * (value * std[i % channels] + mean[i % channels])));
  }

  /** Images changed at random, normalised, and mixed where that is asked for; all of it by the device's generator. */
  augmented(indices: Uint32Array, { perClass, mix, mixUntil: _, ...transform }: Augmentation): Batch {
    const { cropPadding: padding = 0, flip = 0, ...further } = transform;
    const all = perClass ?? (Object.keys(further).length > 0 ? new Array(this.classes).fill(transform) : undefined);
    const batch = this.#batch(indices, all ? { perClass: all } : { crop: { padding }, flip });
    return mix ? this.#mixed(batch, indices, mix) : batch;
  }

  /** What is random is drawn on the host, from a stream of its own at the place where the device's generator stands. */
  #mixed({ images, labels }: Batch, indices: Uint32Array, mix: Mix): Batch {
    const { gpu } = images;
    const { height, width } = this.#images;
    const { seed } = gpu.generator;
    const offset = gpu.takeRandom().offset * NUMBERS_PER_MIX;
    const generator = Philox.from({ seed, stream: MIXING_STREAM, offset });
    const own = indices.map((index) => this.labels[index]);
    const draw = drawMix(mix, { labels: own, height, width }, generator);
    const partner = gpu.upload(draw.partner, 'mix');
    const mixed = draw.box
      ? cutmix(images.buffer, partner, this.#images, draw.box)
      : mixup(images.buffer, partner, draw.lambda);
    const shares = gpu.upload(draw.labelShares, 'mix');
    const targets = softTargets(labels.buffer, partner, shares, this.classes);
    return {
      images: new Tensor(mixed, images.shape),
      labels,
      softTargets: new Tensor(targets, [labels.size, this.classes]),
    };
  }

  #batch(
    indices: Uint32Array,
    options: { crop?: { padding: number }; flip?: number } | { perClass: readonly ImageTransform[] },
  ): Batch {
    const given = { ...this.#normalisation, ...options };
    const { images, labels } =
      'perClass' in given ? this.#images.transformedBatch(indices, given) : this.#images.batch(indices, given);
    const { height, width, channels } = this.#images;
    return {
      images: new Tensor(images, [indices.length, height, width, channels]),
      labels: new Tensor(labels, [indices.length]),
    };
  }
}

/** A split of the images at these positions, in their order. */
export function pick(split: ImageSplit, positions: Uint32Array, { height, width, channels }: ImageDataset): ImageSplit {
  const images = new PickedImages(split.images, positions, height * width * channels);
  return { images, labels: Uint32Array.from(positions, (position) => split.labels[position]) };
}
