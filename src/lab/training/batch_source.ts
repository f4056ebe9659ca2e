import { Tensor } from '../../autograd/tensor.ts';
import type { Gpu } from '../../kernels/gpu.ts';
import { DeviceImages } from '../../kernels/image_batch.ts';
import type { ImageDataset, ImageSplit } from '../data/dataset.ts';

/** A batch on the device. */
export interface Batch {
  /** [B, H, W, C], normalised. */
  images: Tensor;
  /** [B] */
  labels: Tensor<'u32'>;
  /** [B, C] probabilities to be trained towards, where images are mixtures; labels are then those of the larger parts. */
  softTargets?: Tensor;
}

/** The lab's augmentation for training: pixels of padding before the random crop, and the probability of a horizontal flip. */
export interface Augmentation {
  cropPadding: number;
  flip: number;
}

/** Images that lie on the device as bytes, uploaded once; batches are put together there. */
export class BatchSource {
  readonly classes: number;
  /** [N] on the host. */
  readonly labels: Uint8Array;
  #images: DeviceImages;
  #normalisation: { mean: readonly number[]; std: readonly number[] };

  /** Uploads a split, or, where positions are given, only these images of it, in their order. */
  constructor(gpu: Gpu, dataset: ImageDataset, split: ImageSplit, positions?: Uint32Array) {
    const { images, labels } = positions ? pick(split, positions, dataset) : split;
    this.classes = dataset.classNames.length;
    this.labels = labels;
    this.#normalisation = { mean: dataset.mean, std: dataset.std };
    this.#images = DeviceImages.upload(gpu, images, labels, dataset);
  }

  get count(): number {
    return this.labels.length;
  }

  /** Normalised images as they are. indices: positions in this source. */
  plain(indices: Uint32Array): Batch {
    return this.#batch(indices, {});
  }

  /** Normalised images, each cropped and flipped at random by the device's generator. */
  augmented(indices: Uint32Array, { cropPadding, flip }: Augmentation): Batch {
    return this.#batch(indices, { crop: { padding: cropPadding }, flip });
  }

  #batch(indices: Uint32Array, options: { crop?: { padding: number }; flip?: number }): Batch {
    const { images, labels } = this.#images.batch(indices, { ...this.#normalisation, ...options });
    const { height, width, channels } = this.#images;
    return {
      images: new Tensor(images, [indices.length, height, width, channels]),
      labels: new Tensor(labels, [indices.length]),
    };
  }
}

function pick(split: ImageSplit, positions: Uint32Array, { height, width, channels }: ImageDataset): ImageSplit {
  const bytes = height * width * channels;
  const images = new Uint8Array(positions.length * bytes);
  positions.forEach((position, i) => {
    images.set(split.images.subarray(position * bytes, (position + 1) * bytes), i * bytes);
  });
  return { images, labels: Uint8Array.from(positions, (position) => split.labels[position]) };
}
