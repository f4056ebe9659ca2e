import type { DatasetName, ImageDataset } from '../../data/image_dataset.ts';
import { dataPlaces } from '../../data/sources/data_places.ts';
import { DatasetUnavailable } from '../../data/sources/dataset_unavailable.ts';
import { loadDataset } from '../../data/sources/load_dataset.ts';
import { hostEnvironment } from '../../node/host_environment.ts';
import { Progress } from '../terminal/progress.ts';

export interface DatasetChoice {
  /** The set asked for; left out, CIFAR-10, or MNIST where that cannot be had. */
  name?: DatasetName;
  dataDir?: string;
  signal?: AbortSignal;
  say: (line: string) => void;
  /** What reads a set. Default: `loadDataset`. */
  load?: typeof loadDataset;
}

/** The form that the lab's networks take. */
const FORM = { size: 32, channels: 3 } as const;

/**
 * The dataset for the lab, in the form its networks take: 32×32 with three channels.
 * Where none was asked for and CIFAR-10 is neither at hand nor to be fetched, says so in one line and takes the embedded MNIST.
 * Throws UserError where the set asked for is missing or damaged, or `dataDir` is not a folder.
 */
export async function chooseDataset(choice: DatasetChoice): Promise<ImageDataset> {
  const { name, dataDir, signal, say, load = loadDataset } = choice;
  // MNIST is embedded and looks nowhere; a mistyped folder is a mistake all the same.
  await dataPlaces({ dataDir, environment: hostEnvironment() });
  const download = new DownloadProgress(name ?? 'cifar10');
  try {
    return await load(name ?? 'cifar10', { dataDir, signal, onProgress: download.update, form: FORM });
  } catch (error) {
    if (name !== undefined || !(error instanceof DatasetUnavailable)) throw error;
    download.stop();
    say('CIFAR-10 is not at hand and cannot be downloaded here; going on with the embedded MNIST digits.');
    return load('mnist', { form: FORM });
  } finally {
    download.stop();
  }
}

/** Shows a download from its first bytes on. */
class DownloadProgress {
  readonly #name: string;
  #progress: Progress | undefined;

  constructor(name: string) {
    this.#name = name;
  }

  update = (bytes: number, total: number | undefined): void => {
    // A server that does not tell the length leaves nothing to show but what arrived.
    const of = total === undefined ? '' : ` of ${megabytes(total)}`;
    this.#progress ??= new Progress(this.#name, total ?? Number.POSITIVE_INFINITY);
    this.#progress.update(bytes, [`${megabytes(bytes)}${of} MB`]);
  };

  stop(): void {
    this.#progress?.stop();
    this.#progress = undefined;
  }
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1e6);
}
