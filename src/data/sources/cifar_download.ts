import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DownloadFailed, download, isDiskError } from '../../node/download.ts';
import { makeWholeFolder } from '../../node/whole_folder.ts';
import type { CifarForm } from '../cifar_form.ts';
import { ArchiveDamaged, readCifarArchive } from './cifar_archive.ts';

export interface CifarDownloadOptions {
  /** The folder to leave the form's folder in; made where it is missing. */
  cache: string;
  onProgress?: (bytes: number, total: number | undefined) => void;
  signal?: AbortSignal;
  stallSeconds?: number;
}

/**
 * Downloads the archive, checks it, unpacks it and puts the whole folder into its place; see `makeWholeFolder`.
 *
 * Returns the folder.
 * @throws DownloadFailed; or the signal's reason when it was stopped.
 */
export async function downloadCifar(form: CifarForm, options: CifarDownloadOptions): Promise<string> {
  const { cache, onProgress, signal, stallSeconds } = options;
  const destination = join(cache, form.folder);
  try {
    await makeWholeFolder(destination, async (folder) => {
      const archive = join(folder, form.archive);
      const digest = { algorithm: 'md5', hex: form.md5 } as const;
      await download({ url: form.url, digest, destination: archive, onProgress, signal, stallSeconds });
      const files = await readCifarArchive(form, archive);
      await rm(archive);
      for (const [file, bytes] of files) {
        signal?.throwIfAborted();
        await writeFile(join(folder, file), bytes, { flag: 'wx' });
      }
    });
    return destination;
  } catch (error) {
    if (error instanceof DownloadFailed || signal?.aborted) throw error;
    if (error instanceof ArchiveDamaged) {
      throw new DownloadFailed('content', `what arrived is damaged: ${error.clause}`, { cause: error });
    }
    if (isDiskError(error)) {
      throw new DownloadFailed('disk', `it could not be written: ${error.message}`, { cause: error });
    }
    throw error;
  }
}
