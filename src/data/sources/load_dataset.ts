import { type Environment, hostEnvironment } from '../../node/host_environment.ts';
import { UserError } from '../../runtime/errors.ts';
import { CIFAR10, CIFAR100, CIFAR100_COARSE, type CifarForm } from '../cifar_form.ts';
import { DATASET_NAMES, type DatasetName, type ImageDataset } from '../image_dataset.ts';
import type { ImageForm } from '../image_form.ts';
import { loadCifar, lookForCifar } from './cifar.ts';
import { dataPlaces } from './data_places.ts';
import type { DatasetSighting } from './dataset_sighting.ts';
import { loadFashionMnist, lookForFashionMnist } from './fashion_mnist.ts';
import { loadMnist, lookForMnist } from './mnist.ts';

const CIFAR_FORMS: readonly CifarForm[] = [CIFAR10, CIFAR100, CIFAR100_COARSE];

/** Where to look for a data set, and in which form to give it. */
export interface LoadOptions {
  /** A folder to look in before all others. */
  dataDir?: string;
  /** Height and width, and channels, of mnist and fashion-mnist; 28 and 1 where none is given. The CIFAR sets have the one form 32, 3. */
  form?: ImageForm;
  /** Called while a download runs, with the bytes so far and, where the server tells it, the total. */
  onProgress?: (bytes: number, total: number | undefined) => void;
  /** Stops a download; nothing of it is left behind. */
  signal?: AbortSignal;
  /** Variables, platform and home folder to go by; the process's own where none are given. */
  environment?: Environment;
}

/**
 * Reads a dataset whole into memory, checked.
 *
 * The CIFAR sets and fashion-mnist are looked for in `dataDir`, in the folder that the variable WGRAD_DATA names, and in the user's cache; then
 * a CIFAR set is downloaded into the cache, and fashion-mnist is looked for where Debian's package dataset-fashion-mnist puts it. mnist comes
 * with the program.
 *
 * @throws DatasetUnavailable where the dataset is nowhere at hand and cannot be downloaded: a caller may go on with another.
 * @throws UserError where it is there and damaged, or where `dataDir` or WGRAD_DATA is not a folder.
 */
export async function loadDataset(name: DatasetName, options: LoadOptions = {}): Promise<ImageDataset> {
  const { form = { size: 28, channels: 1 }, dataDir, environment = hostEnvironment(), onProgress, signal } = options;
  const cifar = CIFAR_FORMS.find((each) => each.name === name);
  if (cifar) {
    if (options.form && (form.size !== 32 || form.channels !== 3)) {
      throw new UserError(
        `${name} images are 32×32 with 3 channels, not ${form.size}×${form.size} with ${form.channels}: ask for that form or for none.`,
      );
    }
    return loadCifar(cifar, { places: await dataPlaces({ dataDir, environment }), environment, onProgress, signal });
  }
  switch (name) {
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
    ...CIFAR_FORMS.map((cifar) =>
      look(cifar.name, async () => lookForCifar(cifar, await dataPlaces({ dataDir, environment }))),
    ),
    look('mnist', () => lookForMnist()),
    look('fashion-mnist', async () => lookForFashionMnist({ places: await dataPlaces({ dataDir, environment }) })),
  ]);
}
