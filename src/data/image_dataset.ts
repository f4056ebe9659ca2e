import type { ImageBytes } from '../kernels/image_store.ts';

export type { ImageBytes } from '../kernels/image_store.ts';

/** Labels of images: bytes, or words where there are more classes than a byte can tell apart. */
export type ClassLabels = Uint8Array | Uint32Array;

/** Images with their labels. */
export interface ImageSplit {
  /** [N, H, W, C] bytes, channels last: in memory, or read from a file part by part. */
  images: ImageBytes;
  /** [N], each from 0 to classes − 1. */
  labels: ClassLabels;
  /** Stands for the images' bytes where what they are is known without reading them: the same text for the same images. */
  digest?: string;
}

/** The data sets that `loadDataset` of `wgrad/data` knows. */
export const DATASET_NAMES = ['cifar10', 'cifar100', 'cifar100-coarse', 'mnist', 'fashion-mnist'] as const;
/** A data set that `loadDataset` of `wgrad/data` knows. */
export type DatasetName = (typeof DATASET_NAMES)[number];

/** Whether a data set is known by this name. */
export function isKnown(name: string): name is DatasetName {
  return (DATASET_NAMES as readonly string[]).includes(name);
}

/** Which changes of an image keep its class. A digit that is mirrored is none, or another. */
export interface KeptChanges {
  /** Left for right. */
  mirror: boolean;
  /** By up to 45 degrees. */
  rotation: boolean;
  /** Brightness, contrast and saturation. */
  colour: boolean;
}

/** Where nothing else is known, an image may be changed in every way. */
export const ALL_CHANGES: KeptChanges = { mirror: true, rotation: true, colour: true };

/** Images in classes, some to train on and some to test, as bytes on the host. */
export interface ImageDataset {
  name: string;
  classNames: readonly string[];
  height: number;
  width: number;
  channels: number;
  train: ImageSplit;
  /** Where the set brings its own to choose by while training. */
  validation?: ImageSplit;
  test: ImageSplit;
  /** To normalise by, per channel: of the training pixels scaled to [0, 1], padding not counted. Each dataset's file says how measured. */
  mean: readonly number[];
  std: readonly number[];
  /** Which changes keep the classes of its images. Default: all. */
  keeps?: KeptChanges;
  /** Whether the sizes of its classes are to be kept as they are. Default: no, they may be cut to a long tail. */
  natural?: boolean;
  /** One phrase: where the images came from. */
  source: string;
  /** Sentences on what the user may want to know of it. */
  notes?: readonly string[];
}
