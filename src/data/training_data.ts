import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { Gpu } from '../runtime/gpu.ts';
import { BatchSource, pick } from './batch_source.ts';
import { firstOfEachClass } from './first_of_each_class.ts';
import type { ImageDataset, ImageSplit } from './image_dataset.ts';
import { type LongTail, longTail } from './long_tail.ts';
import { smoteImages } from './smote/smote.ts';

/** What a network is trained and tested on. */
export interface TrainingData {
  /** Tells these images from all others: the same text for the same images in the same order. */
  identity: string;
  classNames: readonly string[];
  classes: number;
  channels: number;
  /** Height and width. */
  imageSize: number;
  train: BatchSource;
  test: BatchSource;
  /** Training images of each class. */
  counts: readonly number[];
  /** The training images with those that SMOTE adds, made at the first call. */
  smote?(): BatchSource;
}

/** The lab's own: a long-tailed training set and a balanced test set. */
export interface LongTailedData extends TrainingData {
  tail: LongTail;
  /** Positions of the test images in the data set's test split. */
  testPositions: Uint32Array;
}

/** How much of a data set is trained and tested on. */
export interface LongTailedDataOptions {
  maxPerClass: number;
  imbalance: number;
  /** Test images per class at most, the first of each; null takes all. */
  testPerClass: number | null;
  seed: number;
}

/** Draws the long tail and uploads both sets. Throws UserError for a tail that cannot be. */
export function longTailedData(gpu: Gpu, dataset: ImageDataset, options: LongTailedDataOptions): LongTailedData {
  const { maxPerClass, imbalance, testPerClass, seed } = options;
  const { classNames, height, channels } = dataset;
  const classes = classNames.length;
  const tail = longTail(dataset.train.labels, { classes, max: maxPerClass, ratio: imbalance, seed });
  const testPositions = firstOfEachClass(dataset.test.labels, testPerClass);
  let extended: BatchSource | undefined;
  const identity = [dataset.name, hashOf(dataset.train, tail.indices), hashOf(dataset.test, testPositions)].join(':');
  return {
    ...{ identity, classNames, classes, channels, imageSize: height, tail, testPositions, counts: tail.counts },
    train: new BatchSource(gpu, dataset, dataset.train, tail.indices),
    test: new BatchSource(gpu, dataset, dataset.test, testPositions),
    smote: () => {
      extended ??= new BatchSource(
        gpu,
        dataset,
        smoteImages(pick(dataset.train, tail.indices, dataset), dataset, { classes, seed }),
      );
      return extended;
    },
  };
}

/** SHA-256, its first 16 hexadecimal digits, of the images at these positions and their labels. */
export function hashOf({ images, labels }: ImageSplit, positions: Uint32Array): string {
  const bytes = images.length / labels.length;
  const hash = sha256.create();
  for (const position of positions) {
    hash.update(images.subarray(position * bytes, (position + 1) * bytes));
  }
  hash.update(Uint8Array.from(positions, (position) => labels[position]));
  return bytesToHex(hash.digest()).slice(0, 16);
}
