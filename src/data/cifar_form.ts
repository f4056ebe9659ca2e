import { UserError } from '../runtime/errors.ts';
import { checkEvenClasses, checkLabelRange } from './class_counts.ts';
import type { ImageSplit } from './image_dataset.ts';

/** A file of images and how many records it has. */
interface CifarFile {
  file: string;
  records: number;
}

/**
 * The binary form of a CIFAR set: where it is had, its files, and what stands in them. A record is `labelBytes` bytes, the label used at
 * `labelAt`, and then the red, the green and the blue plane of a 32×32 image.
 *
 * Source: A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009.
 */
export interface CifarForm {
  name: 'cifar10' | 'cifar100' | 'cifar100-coarse';
  /** Its name in sentences. */
  title: string;
  classNames: readonly string[];
  /** The archive's file name, where it is had, and its MD5 digest. */
  archive: string;
  url: string;
  md5: string;
  /** The folder in the archive, which holds these files and some short texts. */
  folder: string;
  train: readonly CifarFile[];
  test: readonly CifarFile[];
  labelBytes: number;
  labelAt: number;
  /** To normalise by, per channel; where none is given, it is measured on the training images. */
  normalization?: { mean: readonly number[]; std: readonly number[] };
}

const SITE = 'https://www.cs.toronto.edu/~kriz';

/** Ten classes of 5,000 training and 1,000 test images. */
export const CIFAR10: CifarForm = {
  name: 'cifar10',
  title: 'CIFAR-10',
  classNames: ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'],
  archive: 'cifar-10-binary.tar.gz',
  url: `${SITE}/cifar-10-binary.tar.gz`,
  md5: 'c32a1d4ab5d03f1284b67883e8d87530',
  folder: 'cifar-10-batches-bin',
  train: [1, 2, 3, 4, 5].map((part) => ({ file: `data_batch_${part}.bin`, records: 10_000 })),
  test: [{ file: 'test_batch.bin', records: 10_000 }],
  labelBytes: 1,
  labelAt: 0,
  // The values customary for CIFAR-10. The means are those of all training pixels; the deviations are, to about 0.0002, the mean over the
  // images of each image's own deviation, smaller than the deviation of all pixels (0.2470, 0.2435, 0.2616).
  normalization: { mean: [0.4914, 0.4822, 0.4465], std: [0.2023, 0.1994, 0.201] },
};

const FINE_CLASSES =
  'apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly camel can castle caterpillar cattle ' +
  'chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur dolphin elephant flatfish forest fox girl hamster house ' +
  'kangaroo keyboard lamp lawn_mower leopard lion lizard lobster man maple_tree motorcycle mountain mouse mushroom oak_tree orange orchid ' +
  'otter palm_tree pear pickup_truck pine_tree plain plate poppy porcupine possum rabbit raccoon ray road rocket rose sea seal shark shrew ' +
  'skunk skyscraper snail snake spider squirrel streetcar sunflower sweet_pepper table tank telephone television tiger tractor train trout ' +
  'tulip turtle wardrobe whale willow_tree wolf woman worm';

const COARSE_CLASSES =
  'aquatic_mammals fish flowers food_containers fruit_and_vegetables household_electrical_devices household_furniture insects ' +
  'large_carnivores large_man-made_outdoor_things large_natural_outdoor_scenes large_omnivores_and_herbivores medium_mammals ' +
  'non-insect_invertebrates people reptiles small_mammals trees vehicles_1 vehicles_2';

/** A hundred classes of 500 training and 100 test images. */
export const CIFAR100: CifarForm = {
  name: 'cifar100',
  title: 'CIFAR-100',
  classNames: FINE_CLASSES.split(' '),
  archive: 'cifar-100-binary.tar.gz',
  url: `${SITE}/cifar-100-binary.tar.gz`,
  md5: '03b5dce01913d631647c71ecec9e9cb8',
  folder: 'cifar-100-binary',
  train: [{ file: 'train.bin', records: 50_000 }],
  test: [{ file: 'test.bin', records: 10_000 }],
  labelBytes: 2,
  labelAt: 1,
};

/** The images of CIFAR-100 by their twenty coarse classes of 2,500 training and 500 test images. */
export const CIFAR100_COARSE: CifarForm = {
  ...CIFAR100,
  name: 'cifar100-coarse',
  title: 'CIFAR-100 with coarse labels',
  classNames: COARSE_CLASSES.split(' '),
  labelAt: 0,
};

const SIDE = 32;
const CHANNELS = 3;
const PLANE = SIDE * SIDE;
const IMAGE_BYTES = CHANNELS * PLANE;

/** All files of images, the training files first. */
export function cifarFiles(form: CifarForm): CifarFile[] {
  return [...form.train, ...form.test];
}

/** The bytes of one record. */
export function recordBytes({ labelBytes }: CifarForm): number {
  return labelBytes + IMAGE_BYTES;
}

/** @throws UserError where a file has not the size of `records` records. `where` names the file. */
export function checkFileSize(form: CifarForm, where: string, bytes: number, records: number): void {
  const expected = records * recordBytes(form);
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
export async function readCifarSplit(
  form: CifarForm,
  split: 'train' | 'test',
  read: (file: string) => Promise<Uint8Array>,
  where: (file: string) => string,
): Promise<ImageSplit> {
  const { classNames, labelBytes, labelAt, [split]: files } = form;
  const total = files.reduce((sum, { records }) => sum + records, 0);
  const images = new Uint8Array(total * IMAGE_BYTES);
  const labels = new Uint8Array(total);
  let first = 0;
  for (const { file, records } of files) {
    const bytes = await read(file);
    checkFileSize(form, where(file), bytes.length, records);
    for (let record = 0; record < records; record++) {
      const start = record * recordBytes(form);
      labels[first + record] = bytes[start + labelAt];
      interleavePlanes(bytes, start + labelBytes, images, (first + record) * IMAGE_BYTES);
    }
    checkLabelRange(labels.subarray(first, first + records), classNames.length, where(file));
    first += records;
  }
  const name = files.length > 1 ? `${where(files[0].file)} … ${files[files.length - 1].file}` : where(files[0].file);
  checkEvenClasses(labels, classNames, labels.length / classNames.length, name);
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
