import { UserError } from '../runtime/errors.ts';
import { checkEvenClasses, checkLabelRange } from './class_counts.ts';
import type { ImageSplit } from './image_dataset.ts';

/** Source: A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009; the binary form, its files and its class order. */
export const CIFAR10_CLASSES = [
  'airplane',
  'automobile',
  'bird',
  'cat',
  'deer',
  'dog',
  'frog',
  'horse',
  'ship',
  'truck',
] as const;

export const CIFAR10_FOLDER = 'cifar-10-batches-bin';
export const CIFAR10_TRAIN_FILES = [1, 2, 3, 4, 5].map((part) => `data_batch_${part}.bin`);
export const CIFAR10_TEST_FILES = ['test_batch.bin'];
export const CIFAR10_FILES = [...CIFAR10_TRAIN_FILES, ...CIFAR10_TEST_FILES];

/** Images in each of the six files. */
export const CIFAR10_RECORDS_PER_FILE = 10_000;

const SIDE = 32;
const CHANNELS = 3;
const PLANE = SIDE * SIDE;
const IMAGE_BYTES = CHANNELS * PLANE;

/** One label byte, then the red, the green and the blue plane. */
export const CIFAR10_RECORD_BYTES = 1 + IMAGE_BYTES;

/** @throws UserError where a file has not the size of `recordsPerFile` records. `where` names the file. */
export function checkFileSize(where: string, bytes: number, recordsPerFile: number): void {
  const expected = recordsPerFile * CIFAR10_RECORD_BYTES;
  if (bytes !== expected) {
    throw new UserError(`${where} is damaged: ${bytes} bytes found, expected ${expected}; replace the file.`);
  }
}

/**
 * Reads and checks a split: sizes, label bytes, as many images of each class as of every other.
 *
 * read: gives a file's bytes by its name. where: names a file, or the whole, in messages. Returns images as [N, 32, 32, 3].
 * @throws UserError naming the file, what was expected and what was found.
 */
export async function readCifar10Split(
  files: readonly string[],
  recordsPerFile: number,
  read: (file: string) => Promise<Uint8Array>,
  where: (file: string) => string,
): Promise<ImageSplit> {
  const images = new Uint8Array(files.length * recordsPerFile * IMAGE_BYTES);
  const labels = new Uint8Array(files.length * recordsPerFile);
  for (const [part, file] of files.entries()) {
    const bytes = await read(file);
    checkFileSize(where(file), bytes.length, recordsPerFile);
    const first = part * recordsPerFile;
    for (let record = 0; record < recordsPerFile; record++) {
      const start = record * CIFAR10_RECORD_BYTES;
      labels[first + record] = bytes[start];
      interleavePlanes(bytes, start + 1, images, (first + record) * IMAGE_BYTES);
    }
    checkLabelRange(labels.subarray(first, first + recordsPerFile), CIFAR10_CLASSES.length, where(file));
  }
  const name = files.length > 1 ? `${where(files[0])} … ${files[files.length - 1]}` : where(files[0]);
  checkEvenClasses(labels, CIFAR10_CLASSES, labels.length / CIFAR10_CLASSES.length, name);
  return { images, labels };
}

/** [3, 32, 32] to [32, 32, 3]. */
function interleavePlanes(from: Uint8Array, start: number, to: Uint8Array, offset: number): void {
  let target = offset;
  for (let pixel = start; pixel < start + PLANE; pixel++) {
    to[target++] = from[pixel];
    to[target++] = from[pixel + PLANE];
    to[target++] = from[pixel + 2 * PLANE];
  }
}
