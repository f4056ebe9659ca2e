import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { ALL_CHANGES, DATASET_NAMES, type DatasetName, type ImageDataset, isKnown } from '../../data/image_dataset.ts';
import { dataPlaces } from '../../data/sources/data_places.ts';
import { DatasetUnavailable } from '../../data/sources/dataset_unavailable.ts';
import { loadDataset } from '../../data/sources/load_dataset.ts';
import { loadOwnImages } from '../../data/sources/own/own_images.ts';
import { hostEnvironment } from '../../node/host_environment.ts';
import { UserError } from '../../runtime/errors.ts';
import type { DataReading } from '../run/data_fields.ts';
import { Progress } from '../terminal/progress.ts';

export interface DatasetChoice extends DataReading {
  /** The set asked for, by its name or where images of one's own are; left out, CIFAR-10, or MNIST where that cannot be had. */
  name?: string;
  dataDir?: string;
  /** Test all images of one's own where the data set does not part them. */
  testAll?: boolean;
  signal?: AbortSignal;
  say: (line: string) => void;
  /** What reads a set that is known by its name. Default: `loadDataset`. */
  load?: typeof loadDataset;
}

/** The form that the lab's networks take. */
const FORM = { size: 32, channels: 3 } as const;

/** Options that say something of images of one's own alone, as --help calls them. */
const FOR_OWN = {
  ...{ imageSize: '--image-size', background: '--background' },
  ...{ testShare: '--test-share', skipDamaged: '--skip-damaged' },
} as const;

/** @throws UserError where a data set is neither known by its name nor where something is: before anything else is done. */
export function checkData(name: string | undefined): void {
  if (name === undefined || isKnown(name) || existsSync(name)) return;
  throw new UserError(
    `There is no data set "${name}": choose one of ${DATASET_NAMES.join(', ')}, or say where images of your own are, a folder, a .csv or an .npz file.`,
  );
}

/** What a configuration calls a data set, so that it is found again from any folder. */
export function recordedData(name: string): string {
  return isKnown(name) ? name : resolve(name);
}

/**
 * The data set for the lab, in a form that its networks take: 32×32 with three channels, or images of one's own as the options say.
 * Where none was asked for and CIFAR-10 is neither at hand nor to be fetched, says so in one line and takes the embedded MNIST. Says what is to be
 * known of the set.
 * Throws UserError where the set asked for is missing or damaged, or `dataDir` is not a folder.
 */
export async function chooseDataset(choice: DatasetChoice): Promise<ImageDataset> {
  const { name, mirror, say } = choice;
  const dataset = name === undefined || isKnown(name) ? await knownDataset(choice) : await ownDataset(name, choice);
  for (const note of dataset.notes ?? []) say(note);
  if (mirror ?? true) return dataset;
  return { ...dataset, keeps: { ...(dataset.keeps ?? ALL_CHANGES), mirror: false } };
}

async function knownDataset(choice: DatasetChoice): Promise<ImageDataset> {
  const { dataDir, signal, say, load = loadDataset } = choice;
  const name = choice.name as DatasetName | undefined;
  for (const [field, option] of Object.entries(FOR_OWN)) {
    if (choice[field as keyof typeof FOR_OWN] === undefined) continue;
    throw new UserError(`${option} is for images of your own; ${name ?? 'cifar10'} is as it is.`);
  }
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

async function ownDataset(path: string, choice: DatasetChoice): Promise<ImageDataset> {
  const { imageSize, background, testShare, skipDamaged, testAll, signal } = choice;
  let progress: Progress | undefined;
  const onProgress = (done: number, total: number) => {
    progress ??= new Progress('decoding', total);
    progress.update(done, [`${done} of ${total} images`]);
  };
  const options = { imageSize, background, testShare, skipDamaged, testAll, signal, onProgress };
  return loadOwnImages(path, options).finally(() => progress?.stop());
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
