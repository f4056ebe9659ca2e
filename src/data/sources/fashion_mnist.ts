import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../runtime/errors.ts';
import { checkEvenClasses, checkLabelRange } from '../class_counts.ts';
import type { ImageDataset, ImageSplit } from '../image_dataset.ts';
import { type ImageForm, perChannel, toForm } from '../image_form.ts';
import { type DataPlace, listPlaces } from './data_places.ts';
import type { DatasetSighting } from './dataset_sighting.ts';
import { DatasetUnavailable } from './dataset_unavailable.ts';
import { readIdx } from './idx.ts';

/** Source: Xiao, Rasul, Vollgraf, "Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning Algorithms", 2017. */
export const CLASS_NAMES = [
  'T-shirt/top',
  'trouser',
  'pullover',
  'dress',
  'coat',
  'sandal',
  'shirt',
  'sneaker',
  'bag',
  'ankle boot',
] as const;

const SUBFOLDER = 'fashion-mnist';
const DEBIAN_FOLDER = '/usr/share/datasets/fashion-mnist';
const SPLITS = { train: 'train', test: 't10k' } as const;

/** Over all pixels of the 60,000 training images as 28×28, scaled to [0, 1]; population deviation; rounded to four places. */
const MEAN = 0.286;
const STD = 0.353;

export interface FashionMnistOptions {
  places: readonly DataPlace[];
  form?: ImageForm;
  /** Where a system package puts the files. */
  systemFolder?: string;
  counts?: { train: number; test: number };
}

type Paths = Record<'images' | 'labels', Record<keyof typeof SPLITS, string>>;

/**
 * Fashion-MNIST: 60,000 training and 10,000 test images, [28, 28, 1], or padded to 32 and repeated over 3 channels where `form` says so. It is read
 * from its four IDX files, gzipped or not, in the first place that has them.
 *
 * @throws DatasetUnavailable where no place has it.
 * @throws UserError where a place has it damaged.
 */
export async function loadFashionMnist(options: FashionMnistOptions): Promise<ImageDataset> {
  const { places, form = { size: 28, channels: 1 }, systemFolder = DEBIAN_FOLDER } = options;
  const { counts = { train: 60_000, test: 10_000 } } = options;
  const found = await locate(places, systemFolder);
  if (!found) {
    throw new DatasetUnavailable(
      `fashion-mnist is not in ${listPlaces(places)} or ${systemFolder}: give the folder of its four IDX files with --data-dir, ` +
        'or on Debian install the package dataset-fashion-mnist.',
    );
  }
  if (found.missing) throw new UserError(missingSentence(found.missing));
  const read = async (split: keyof typeof SPLITS): Promise<ImageSplit> => {
    const images = await readIdx(found.paths.images[split], [counts[split], 28, 28]);
    const labelPath = found.paths.labels[split];
    const labels = await readIdx(labelPath, [counts[split]]);
    checkLabelRange(labels, CLASS_NAMES.length, labelPath);
    // The same file names are MNIST's, whose classes are not of one size.
    checkEvenClasses(labels, CLASS_NAMES, counts[split] / CLASS_NAMES.length, labelPath);
    return { images: toForm(images, form), labels };
  };
  return {
    name: 'fashion-mnist',
    classNames: CLASS_NAMES,
    height: form.size,
    width: form.size,
    channels: form.channels,
    train: await read('train'),
    test: await read('test'),
    mean: perChannel(MEAN, form),
    std: perChannel(STD, form),
    source: `folder ${found.folder}`,
  };
}

export async function lookForFashionMnist(options: {
  places: readonly DataPlace[];
  systemFolder?: string;
}): Promise<Omit<DatasetSighting, 'name'>> {
  const { places, systemFolder = DEBIAN_FOLDER } = options;
  const found = await locate(places, systemFolder);
  if (!found) {
    const where = `${listPlaces(places)}, ${systemFolder}`;
    return { found: false, where, problem: 'not there: on Debian the package dataset-fashion-mnist brings it' };
  }
  if (found.missing) return { found: false, where: found.folder, problem: missingSentence(found.missing) };
  return { found: true, where: found.folder };
}

function missingSentence(path: string): string {
  return `${path} is missing, gzipped or not: other files of Fashion-MNIST are there; add it, or remove them all.`;
}

/** The first folder with any of the four files, their paths, and the one that is missing, if one is. */
async function locate(
  places: readonly DataPlace[],
  systemFolder: string,
): Promise<{ folder: string; paths: Paths; missing?: string } | undefined> {
  for (const folder of [...places.flatMap(({ folder }) => [folder, join(folder, SUBFOLDER)]), systemFolder]) {
    const paths: Paths = { images: { train: '', test: '' }, labels: { train: '', test: '' } };
    let found = 0;
    let missing: string | undefined;
    for (const split of ['train', 'test'] as const) {
      for (const [kind, ending] of [
        ['images', 'images-idx3-ubyte'],
        ['labels', 'labels-idx1-ubyte'],
      ] as const) {
        const path = join(folder, `${SPLITS[split]}-${ending}`);
        const existing = await firstFile([path, `${path}.gz`]);
        if (existing) found++;
        else missing ??= path;
        paths[kind][split] = existing ?? path;
      }
    }
    if (found > 0) return { folder, paths, ...(missing && { missing }) };
  }
  return undefined;
}

async function firstFile(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    if ((await stat(path).catch(() => undefined))?.isFile()) return path;
  }
  return undefined;
}
