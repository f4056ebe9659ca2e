import { BatchSource } from '../../data/batch_source.ts';
import { classCounts } from '../../data/class_counts.ts';
import type { ImageDataset, ImageSplit } from '../../data/image_dataset.ts';
import { PRETEXT_STREAM } from '../../data/random_streams.ts';
import { everyPosition, hashOf, type TrainingData } from '../../data/training_data.ts';
import type { Gpu } from '../../runtime/gpu.ts';
import { Philox } from '../../runtime/philox.ts';

const TURNS = ['0°', '90°', '180°', '270°'];
/** Of every so many images one is kept back to test on. */
const TESTED = 10;

/** A task to pretrain on: by how many quarter turns was an image turned? */
export interface RotationTask extends TrainingData {
  /** Different images in it. */
  images: number;
  /** Whether they are the target's own training images, because there are hardly any others. */
  ownImages: boolean;
}

export interface RotationTaskOptions {
  /** Positions of the target's training images in the training split. */
  target: Uint32Array;
  /** Turned images to train on, at most. */
  images: number;
  seed: number;
}

/**
 * Predicting the rotation of images teaches a network what things look like without any label of theirs: here of training images that the
 * target task does not use, so that it gets to see neither the target's labels nor any test image.
 * Source: Gidaris, Singh, Komodakis, "Unsupervised representation learning by predicting image rotations", ICLR 2018.
 *
 * Where fewer than a batch of images is left, the target's own are taken, still without their labels. Image n of the task is turned n times;
 * where it takes more images than there are, each comes back in the next turn.
 */
export function rotationTask(gpu: Gpu, dataset: ImageDataset, options: RotationTaskOptions): RotationTask {
  const { target, images, seed } = options;
  const used = new Set(target);
  const unused = Array.from(dataset.train.labels, (_, position) => position).filter((position) => !used.has(position));
  const ownImages = unused.length < TESTED * TURNS.length;
  const pool = new Philox(seed, PRETEXT_STREAM).shuffle(Uint32Array.from(ownImages ? target : unused));
  const tested = Math.max(1, Math.floor(Math.min(pool.length, images) / TESTED));
  const [testPool, trainPool] = [pool.subarray(0, tested), pool.subarray(tested)];
  const train = turnedImages(dataset, trainPool, Math.min(images, TURNS.length * trainPool.length));
  const test = turnedImages(dataset, testPool, TURNS.length * testPool.length);
  const turned = { ...dataset, classNames: TURNS };
  return {
    identity: ['rotation', dataset.name, ...[train, test].map((split) => hashOf(split, everyPosition(split)))].join(
      ':',
    ),
    ...{ classNames: TURNS, classes: TURNS.length, channels: dataset.channels, imageSize: dataset.height },
    train: new BatchSource(gpu, turned, train),
    test: new BatchSource(gpu, turned, test),
    counts: classCounts(train.labels, TURNS.length),
    images: Math.min(trainPool.length, train.labels.length),
    ownImages,
  };
}

/** `count` images of a pool, turned; the labels are their quarter turns. */
function turnedImages({ train, height, channels }: ImageDataset, pool: Uint32Array, count: number): ImageSplit {
  const bytes = height * height * channels;
  const images = new Uint8Array(count * bytes);
  const labels = new Uint8Array(count);
  for (let n = 0; n < count; n++) {
    const at = n % pool.length;
    labels[n] = (at + Math.floor(n / pool.length)) % TURNS.length;
    const position = pool[at];
    const image = train.images.subarray(position * bytes, (position + 1) * bytes);
    images.set(turn(image, height, channels, labels[n]), n * bytes);
  }
  return { images, labels };
}

/** A square image [size, size, channels] turned counter-clockwise by quarter turns. */
export function turn(image: Uint8Array, size: number, channels: number, quarters: number): Uint8Array {
  const turned = new Uint8Array(image.length);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      let [fromY, fromX] = [y, x];
      for (let q = 0; q < quarters; q++) [fromY, fromX] = [fromX, size - 1 - fromY];
      const from = (fromY * size + fromX) * channels;
      turned.set(image.subarray(from, from + channels), (y * size + x) * channels);
    }
  }
  return turned;
}
