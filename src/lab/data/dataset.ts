import { UserError } from '../user_error.ts';
import { loadCifar10, lookForCifar10 } from './cifar10.ts';
import { dataPlaces, type Environment, hostEnvironment } from './data_places.ts';
import { loadFashionMnist, lookForFashionMnist } from './fashion_mnist.ts';
import type { ImageForm } from './image_form.ts';
import { loadMnist, lookForMnist } from './mnist.ts';

export interface ImageSplit {
  /** [N, H, W, C] bytes, channels last. */
  images: Uint8Array;
  /** [N], each from 0 to classes − 1. */
  labels: Uint8Array;
}

export const DATASET_NAMES = ['cifar10', 'mnist', 'fashion-mnist'] as const;
export type DatasetName = (typeof DATASET_NAMES)[number];

export interface ImageDataset {
  name: DatasetName;
  classNames: readonly string[];
  height: number;
  width: number;
  channels: number;
  train: ImageSplit;
  test: ImageSplit;
  /** To normalise by, per channel: of the training pixels scaled to [0, 1], padding not counted. Each dataset's file says how measured. */
  mean: readonly number[];
  std: readonly number[];
  /** One phrase: where the images came from. */
  source: string;
}

export interface LoadOptions {
  /** A folder to look in before all others. */
  dataDir?: string;
  /** Height and width, and channels, of mnist and fashion-mnist; 28 and 1 where none is given. cifar10 has the one form 32, 3. */
  form?: ImageForm;
  /** Called while a download runs, with the bytes so far and, where the server tells it, the total. */
  onProgress?: (bytes: number, total: number | undefined) => void;
  /** Stops a download; nothing of it is left behind. */
  signal?: AbortSignal;
  /** Variables, platform and home folder to go by; the process's own where none are given. */
  environment?: Environment;
}

/** What a cheap look found: `where` says the folder, file or package, or, if there is none, the places looked in. */
export interface DatasetSighting {
  name: DatasetName;
  found: boolean;
  where: string;
  problem?: string;
}

/**
 * Reads a dataset whole into memory, checked.
 *
 * cifar10 and fashion-mnist are looked for in `dataDir`, in the folder that the variable WGRAD_DATA names, and in the user's cache; then
 * cifar10 is downloaded into the cache, and fashion-mnist is looked for where Debian's package dataset-fashion-mnist puts it. mnist comes
 * with the program.
 *
 * @throws DatasetUnavailable where the dataset is nowhere at hand and cannot be downloaded: a caller may go on with another.
 * @throws UserError where it is there and damaged, or where `dataDir` or WGRAD_DATA is not a folder.
 */
export async function loadDataset(name: DatasetName, options: LoadOptions = {}): Promise<ImageDataset> {
  const { form = { size: 28, channels: 1 }, dataDir, environment = hostEnvironment(), onProgress, signal } = options;
  switch (name) {
    case 'cifar10':
      if (options.form && (form.size !== 32 || form.channels !== 3)) {
        throw new UserError(
          `cifar10 images are 32×32 with 3 channels, not ${form.size}×${form.size} with ${form.channels}: ask for that form or for none.`,
        );
      }
      return loadCifar10({ places: await dataPlaces({ dataDir, environment }), environment, onProgress, signal });
    case 'mnist':
      return loadMnist({ form });
    case 'fashion-mnist':
      return loadFashionMnist({ places: await dataPlaces({ dataDir, environment }), form });
    default:
      throw new UserError(`There is no dataset "${name}": choose one of ${DATASET_NAMES.join(', ')}.`);
  }
}

/** Says for each dataset whether it is at hand, from file names and sizes alone: no file is read. Never throws for what it finds. */
export async function findDatasets(
  options: Pick<LoadOptions, 'dataDir' | 'environment'> = {},
): Promise<DatasetSighting[]> {
  const { dataDir, environment = hostEnvironment() } = options;
  const look = async (name: DatasetName, search: () => Promise<Omit<DatasetSighting, 'name'>>) => {
    try {
      return { name, ...(await search()) };
    } catch (error) {
      return {
        name,
        found: false,
        where: dataDir ?? '',
        problem: error instanceof Error ? error.message : String(error),
      };
    }
  };
  return Promise.all([
    look('cifar10', async () => lookForCifar10({ places: await dataPlaces({ dataDir, environment }) })),
    look('mnist', () => lookForMnist()),
    look('fashion-mnist', async () => lookForFashionMnist({ places: await dataPlaces({ dataDir, environment }) })),
  ]);
}
