import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DownloadFailed } from '../../node/download.ts';
import { cacheFolder, type Environment } from '../../node/host_environment.ts';
import { UserError } from '../../runtime/errors.ts';
import { type CifarForm, checkFileSize, cifarFiles, readCifarSplit } from '../cifar_form.ts';
import type { ImageDataset } from '../image_dataset.ts';
import { measurePixels } from '../pixel_statistics.ts';
import { readCifarArchive } from './cifar_archive.ts';
import { downloadCifar } from './cifar_download.ts';
import { type DataPlace, listPlaces } from './data_places.ts';
import type { DatasetSighting } from './dataset_sighting.ts';
import { DatasetUnavailable } from './dataset_unavailable.ts';

interface Found {
  kind: 'folder' | 'archive';
  path: string;
}

export interface CifarOptions {
  places: readonly DataPlace[];
  environment: Environment;
  onProgress?: (bytes: number, total: number | undefined) => void;
  signal?: AbortSignal;
}

/**
 * A CIFAR set, 50,000 training and 10,000 test images [32, 32, 3], from the first place that has it, or else downloaded into the cache. A place
 * may be the folder of the form's .bin files, hold that folder, or hold the archive. The archive is read where it lies and is not unpacked to
 * disk.
 *
 * @throws DatasetUnavailable where no place has it and it cannot be downloaded.
 * @throws UserError where a place has it damaged.
 */
export async function loadCifar(form: CifarForm, options: CifarOptions): Promise<ImageDataset> {
  const { places, environment, onProgress, signal } = options;
  let found = await locate(form, places);
  let source = found && `${found.kind} ${found.path}`;
  if (!found) {
    const cache = cacheFolder(environment);
    try {
      found = {
        kind: 'folder',
        path: await downloadCifar(form, { cache, onProgress, signal }),
      };
      source = `downloaded from ${form.url} to ${found.path}`;
    } catch (error) {
      if (!(error instanceof DownloadFailed)) throw error;
      throw new DatasetUnavailable(
        `${form.name} is not in ${listPlaces(places)}, and ${form.url} could not be downloaded (${error.message}): fetch that file and name its ` +
          'folder with --data-dir, or take another set with --data mnist.',
        { cause: error },
      );
    }
  }
  const { path, kind } = found;
  let read: (file: string) => Promise<Uint8Array>;
  if (kind === 'archive') {
    const files = await readCifarArchive(form, path);
    read = async (file) => files.get(file)!;
  } else {
    const problem = await folderProblem(form, path);
    if (problem) throw new UserError(problem);
    read = (file) => readFile(join(path, file));
  }
  const where = (file: string) => (kind === 'archive' ? `${file} in ${path}` : join(path, file));
  const train = await readCifarSplit(form, 'train', read, where);
  const { mean, std } = form.normalization ?? measurePixels(train.images, 3);
  return {
    name: form.name,
    classNames: form.classNames,
    height: 32,
    width: 32,
    channels: 3,
    train,
    test: await readCifarSplit(form, 'test', read, where),
    mean,
    std,
    source: source!,
  };
}

/** Looks for a CIFAR set by file names and sizes. */
export async function lookForCifar(
  form: CifarForm,
  places: readonly DataPlace[],
): Promise<Omit<DatasetSighting, 'name'>> {
  const found = await locate(form, places);
  if (!found) {
    return {
      found: false,
      where: listPlaces(places),
      problem: `not there yet: it will be downloaded from ${form.url}`,
    };
  }
  const problem = found.kind === 'folder' ? await folderProblem(form, found.path) : undefined;
  return { found: problem === undefined, where: found.path, ...(problem && { problem }) };
}

async function locate(form: CifarForm, places: readonly DataPlace[]): Promise<Found | undefined> {
  for (const { folder } of places) {
    for (const candidate of [folder, join(folder, form.folder)]) {
      const sizes = await Promise.all(cifarFiles(form).map(({ file }) => fileSize(join(candidate, file))));
      // One file is enough to say that this is the folder meant; that the others are missing is then an error, not a reason to go on.
      if (sizes.some((size) => size !== undefined)) return { kind: 'folder', path: candidate };
    }
    const archive = join(folder, form.archive);
    if ((await fileSize(archive)) !== undefined) return { kind: 'archive', path: archive };
  }
  return undefined;
}

/** What is wrong with the files' presence and sizes, as a sentence. */
async function folderProblem(form: CifarForm, folder: string): Promise<string | undefined> {
  for (const { file, records } of cifarFiles(form)) {
    const path = join(folder, file);
    const size = await fileSize(path);
    if (size === undefined)
      return `${path} is missing: other files of ${form.title} are there; add it, or remove them all.`;
    try {
      checkFileSize(form, path, size, records);
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
