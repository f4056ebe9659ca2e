import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { UserError } from '../runtime/errors.ts';
import type { Gpu } from '../runtime/gpu.ts';
import { BatchSource, pick } from './batch_source.ts';
import { classCounts } from './class_counts.ts';
import { firstOfEachClass } from './first_of_each_class.ts';
import { holdOut } from './hold_out.ts';
import { ALL_CHANGES, type ImageDataset, type ImageSplit } from './image_dataset.ts';
import { type LongTail, type LongTailOptions, longTail, naturalTail, scaledCounts } from './long_tail.ts';
import { VALIDATION_STREAM } from './random_streams.ts';
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
  /** Images to look at after each epoch of a training, and to choose by; undefined where there are none. */
  validation?: BatchSource;
  /** The training images with those that SMOTE adds, made at the first call. */
  smote?(): BatchSource;
  /** The training images and others after them. added: bytes of the data set's shape. */
  trainWith?(added: ImageSplit): BatchSource;
  /**
   * The same with validation images: a share of each class's training images, drawn by the data's seed and no longer trained on, or those that the
   * data set brings. Made at the first call for a share. @throws UserError where there are none.
   */
  withValidation?(share: number | 'own'): TrainingData;
}

/** The lab's own: a training set with a long tail, and a test set. */
export interface LongTailedData extends TrainingData {
  tail: LongTail;
  /** Positions of the test images in the data set's test split. */
  testPositions: Uint32Array;
  /** Whether some classes have more test images than others. */
  testIsImbalanced: boolean;
}

/** How much of a data set is trained and tested on. */
export interface LongTailedDataOptions {
  /** Training images of the largest class; null takes all. */
  maxPerClass: number | null;
  /** Images of the largest class over those of the smallest; null keeps the proportions that the classes have. */
  imbalance: number | null;
  /** How the sizes fall, where an imbalance is made. Default 'long-tail'. */
  imbalanceType?: LongTailOptions['type'];
  /** Which images of a class are trained on, where not all are. Default 'random'. */
  tailImages?: LongTailOptions['images'];
  /** Test images per class at most, the first of each class, or, where proportions are kept, of the largest class; null takes all. */
  testPerClass: number | null;
  seed: number;
}

/** Draws the long tail and uploads both sets. Throws UserError for a tail that cannot be. */
export function longTailedData(gpu: Gpu, dataset: ImageDataset, options: LongTailedDataOptions): LongTailedData {
  const { imbalance, imbalanceType: type, tailImages: images, testPerClass, seed } = options;
  const classes = dataset.classNames.length;
  const { train, validation, test } = dataset;
  const max = options.maxPerClass ?? Math.max(...classCounts(train.labels, classes));
  const tail =
    imbalance === null
      ? naturalTail(train.labels, { classes, max, seed, images })
      : longTail(train.labels, { classes, max, ratio: imbalance, seed, type, images });
  const allTested = classCounts(test.labels, classes);
  const perClass = imbalance === null && testPerClass !== null ? scaledCounts(allTested, testPerClass) : testPerClass;
  const testPositions = firstOfEachClass(test.labels, perClass);
  const tested = new Set(classCounts(pick(test, testPositions, dataset).labels, classes));
  const parts = {
    test: new BatchSource(gpu, dataset, test, testPositions),
    hashes: [hashOf(test, testPositions), ...(validation ? [hashOf(validation, everyPosition(validation))] : [])],
  };
  const data = trainedOn(gpu, dataset, tail.indices, { ...parts, seed });
  // Assigned, not spread, which would upload the training images though a training may hold some of them out.
  return Object.assign(data, { tail, testPositions, testIsImbalanced: tested.size > 1 });
}

/** The data with these of the training images. */
function trainedOn(
  gpu: Gpu,
  dataset: ImageDataset,
  positions: Uint32Array,
  shared: { test: BatchSource; hashes: readonly string[]; seed: number; validation?: BatchSource },
): TrainingData {
  const { classNames, height, channels, keeps = ALL_CHANGES, train } = dataset;
  const { test, hashes, seed, validation } = shared;
  const classes = classNames.length;
  const labels = positions.map((position) => train.labels[position]);
  const lost = Object.entries(keeps).flatMap(([change, kept]) => (kept ? [] : [`no-${change}`]));
  const extended = once(() => {
    const all = smoteImages(pick(train, positions, dataset), dataset, { classes, seed });
    return new BatchSource(gpu, dataset, all);
  });
  const parted = new Map<number | 'own', TrainingData>();
  const source = once(() => new BatchSource(gpu, dataset, train, positions));
  return {
    // Own images may lie in a folder that is called like a known set.
    identity: [...(dataset.natural ? ['own'] : []), dataset.name, hashOf(train, positions), ...hashes, ...lost].join(
      ':',
    ),
    ...{ classNames, classes, channels, imageSize: height, test, validation },
    counts: classCounts(labels, classes),
    get train() {
      return source();
    },
    smote: extended,
    trainWith: (added) => new BatchSource(gpu, dataset, joined(pick(train, positions, dataset), added)),
    withValidation: (share) => {
      const known = parted.get(share);
      if (known) return known;
      const made = share === 'own' ? withOwn() : withShare(share);
      parted.set(share, made);
      return made;
    },
  };

  function withOwn(): TrainingData {
    if (dataset.validation === undefined) {
      throw new UserError(`${dataset.name} brings no validation images of its own; give --validation a share.`);
    }
    const own = new BatchSource(gpu, dataset, dataset.validation);
    return trainedOn(gpu, dataset, positions, { ...shared, validation: own });
  }

  function withShare(share: number): TrainingData {
    const held = holdOut(labels, { classes, share, seed, stream: VALIDATION_STREAM });
    if (held.validation.length === 0) {
      throw new UserError('There is one training image of each class: none can be held out; leave --validation out.');
    }
    const at = (places: Uint32Array) => places.map((place) => positions[place]);
    const chosen = new BatchSource(gpu, dataset, train, at(held.validation));
    return trainedOn(gpu, dataset, at(held.fit), { ...shared, validation: chosen });
  }
}

/** 0, 1, 2, … for each image of a split. */
export function everyPosition({ labels }: ImageSplit): Uint32Array {
  return Uint32Array.from(labels, (_, position) => position);
}

/** The images of a split and of another after them. */
function joined(first: ImageSplit, second: ImageSplit): ImageSplit {
  const images = new Uint8Array(first.images.length + second.images.length);
  images.set(first.images.subarray(0, first.images.length));
  images.set(second.images.subarray(0, second.images.length), first.images.length);
  return { images, labels: Uint32Array.from([...first.labels, ...second.labels]) };
}

/** What `make` gives, made at the first call. */
function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** The memory of words. */
function bytesOf(words: Uint32Array): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
}

/** SHA-256, its first 16 hexadecimal digits, of the images at these positions and their labels. */
export function hashOf({ images, labels, digest }: ImageSplit, positions: Uint32Array): string {
  const bytes = images.length / labels.length;
  const hash = sha256.create();
  if (digest === undefined) {
    for (const position of positions) hash.update(images.subarray(position * bytes, (position + 1) * bytes));
  } else {
    hash.update(utf8ToBytes(digest)).update(bytesOf(positions));
  }
  const labelled = Uint32Array.from(positions, (position) => labels[position]);
  hash.update(labelled.some((label) => label > 255) ? bytesOf(labelled) : Uint8Array.from(labelled));
  return bytesToHex(hash.digest()).slice(0, 16);
}
