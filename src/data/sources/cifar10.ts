import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DownloadFailed } from '../../node/download.ts';
import { cacheFolder, type Environment } from '../../node/host_environment.ts';
import { UserError } from '../../runtime/errors.ts';
import {
  CIFAR10_CLASSES,
  CIFAR10_FILES,
  CIFAR10_FOLDER,
  CIFAR10_RECORDS_PER_FILE,
  CIFAR10_TEST_FILES,
  CIFAR10_TRAIN_FILES,
  checkFileSize,
  readCifar10Split,
} from '../cifar10_format.ts';
import type { ImageDataset } from '../image_dataset.ts';
import { readCifar10Archive } from './cifar10_archive.ts';
import { downloadCifar10 } from './cifar10_download.ts';
import { type DataPlace, listPlaces } from './data_places.ts';
import type { DatasetSighting } from './dataset_sighting.ts';
import { DatasetUnavailable } from './dataset_unavailable.ts';

export const CIFAR10_ARCHIVE = 'cifar-10-binary.tar.gz';
const CIFAR10_URL = `https://www.cs.toronto.edu/~kriz/${CIFAR10_ARCHIVE}`;
const CIFAR10_MD5 = 'c32a1d4ab5d03f1284b67883e8d87530';

/**
 * The values customary for CIFAR-10. The means are those of all training pixels; the deviations are, to about 0.0002, the mean over the images
 * of each image's own deviation, smaller than the deviation of all pixels (0.2470, 0.2435, 0.2616).
 */
const MEAN = [0.4914, 0.4822, 0.4465] as const;
const STD = [0.2023, 0.1994, 0.201] as const;

interface Found {
  kind: 'folder' | 'archive';
  path: string;
}

export interface Cifar10Options {
  places: readonly DataPlace[];
  environment: Environment;
  onProgress?: (bytes: number, total: number | undefined) => void;
  signal?: AbortSignal;
  url?: string;
  md5?: string;
  recordsPerFile?: number;
}

/**
 * CIFAR-10, 50,000 training and 10,000 test images [32, 32, 3], from the first place that has it, or else downloaded into the cache. A place may be
 * the folder of the six .bin files, hold them in a folder `cifar-10-batches-bin`, or hold the archive. The archive is read where it lies and is not
 * unpacked to disk.
 *
 * @throws DatasetUnavailable where no place has it and it cannot be downloaded.
 * @throws UserError where a place has it damaged.
 */
export async function loadCifar10(options: Cifar10Options): Promise<ImageDataset> {
  const { places, environment, recordsPerFile = CIFAR10_RECORDS_PER_FILE, md5 = CIFAR10_MD5 } = options;
  const { url = CIFAR10_URL, onProgress, signal } = options;
  let found = await locate(places);
  let source = found && `${found.kind} ${found.path}`;
  if (!found) {
    const cache = cacheFolder(environment);
    try {
      found = {
        kind: 'folder',
        path: await downloadCifar10({ cache, url, md5, recordsPerFile, onProgress, signal }),
      };
      source = `downloaded from ${url} to ${found.path}`;
    } catch (error) {
      if (!(error instanceof DownloadFailed)) throw error;
      throw new DatasetUnavailable(
        `cifar10 is not in ${listPlaces(places)}, and ${url} could not be downloaded (${error.message}): fetch that file and name its ` +
          'folder with --data-dir, or take another set with --data mnist.',
        { cause: error },
      );
    }
  }
  const { path, kind } = found;
  let read: (file: string) => Promise<Uint8Array>;
  if (kind === 'archive') {
    const files = await readCifar10Archive({ archive: path, md5, recordsPerFile });
    read = async (file) => files.get(file)!;
  } else {
    const problem = await folderProblem(path, recordsPerFile);
    if (problem) throw new UserError(problem);
    read = (file) => readFile(join(path, file));
  }
  const where = (file: string) => (kind === 'archive' ? `${file} in ${path}` : join(path, file));
  return {
    name: 'cifar10',
    classNames: CIFAR10_CLASSES,
    height: 32,
    width: 32,
    channels: 3,
    train: await readCifar10Split(CIFAR10_TRAIN_FILES, recordsPerFile, read, where),
    test: await readCifar10Split(CIFAR10_TEST_FILES, recordsPerFile, read, where),
    mean: MEAN,
    std: STD,
    source: source!,
  };
}

/** Looks for CIFAR-10 by file names and sizes. */
export async function lookForCifar10(options: {
  places: readonly DataPlace[];
  recordsPerFile?: number;
}): Promise<Omit<DatasetSighting, 'name'>> {
  const { places, recordsPerFile = CIFAR10_RECORDS_PER_FILE } = options;
  const found = await locate(places);
  if (!found) {
    return {
      found: false,
      where: listPlaces(places),
      problem: `not there yet: it will be downloaded from ${CIFAR10_URL}`,
    };
  }
  const problem = found.kind === 'folder' ? await folderProblem(found.path, recordsPerFile) : undefined;
  return { found: problem === undefined, where: found.path, ...(problem && { problem }) };
}

async function locate(places: readonly DataPlace[]): Promise<Found | undefined> {
  for (const { folder } of places) {
    for (const candidate of [folder, join(folder, CIFAR10_FOLDER)]) {
      const sizes = await Promise.all(CIFAR10_FILES.map((file) => fileSize(join(candidate, file))));
      // One file is enough to say that this is the folder meant; that the others are missing is then an error, not a reason to go on.
      if (sizes.some((size) => size !== undefined)) return { kind: 'folder', path: candidate };
    }
    const archive = join(folder, CIFAR10_ARCHIVE);
    if ((await fileSize(archive)) !== undefined) return { kind: 'archive', path: archive };
  }
  return undefined;
}

/** What is wrong with the six files' presence and sizes, as a sentence. */
async function folderProblem(folder: string, recordsPerFile: number): Promise<string | undefined> {
  for (const file of CIFAR10_FILES) {
    const path = join(folder, file);
    const size = await fileSize(path);
    if (size === undefined)
      return `${path} is missing: the other files of CIFAR-10 are there; add it, or remove them all.`;
    try {
      checkFileSize(path, size, recordsPerFile);
    } catch (error) {
      return (error as Error).message;
    }
  }
  return undefined;
}

async function fileSize(path: string): Promise<number | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() ? found.size : undefined;
}
