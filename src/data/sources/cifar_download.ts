import { mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DownloadFailed, download, isDiskError } from '../../node/download.ts';
import type { CifarForm } from '../cifar_form.ts';
import { ArchiveDamaged, readCifarArchive } from './cifar_archive.ts';

export interface CifarDownloadOptions {
  /** The folder to leave the form's folder in; made where it is missing. */
  cache: string;
  onProgress?: (bytes: number, total: number | undefined) => void;
  signal?: AbortSignal;
  stallSeconds?: number;
}

const PARTIAL_PREFIX = 'cifar.partial-';
const STALE_MS = 24 * 3600 * 1000;

/**
 * Downloads the archive, checks it, unpacks it and puts the whole folder into its place with one rename. Until then everything lies in a
 * folder of its own, which is removed however this ends; two processes may do it at once.
 *
 * Returns the folder.
 * @throws DownloadFailed; or the signal's reason when it was stopped.
 */
export async function downloadCifar(form: CifarForm, options: CifarDownloadOptions): Promise<string> {
  const { cache, onProgress, signal, stallSeconds } = options;
  const destination = join(cache, form.folder);
  let partial: string | undefined;
  try {
    await mkdir(cache, { recursive: true });
    await removeStale(cache);
    partial = await mkdtemp(join(cache, PARTIAL_PREFIX));
    const archive = join(partial, 'archive.tar.gz');
    await download({
      url: form.url,
      digest: { algorithm: 'md5', hex: form.md5 },
      destination: archive,
      onProgress,
      signal,
      stallSeconds,
    });
    const files = await readCifarArchive(form, archive);
    const unpacked = join(partial, form.folder);
    await mkdir(unpacked);
    for (const [file, bytes] of files) {
      signal?.throwIfAborted();
      await writeFile(join(unpacked, file), bytes, { flag: 'wx' });
    }
    await rename(unpacked, destination).catch(async (error: NodeJS.ErrnoException) => {
      // Another process was first: its folder is as good, and is checked like any other when it is read.
      if (!(await stat(destination).catch(() => undefined))?.isDirectory()) throw error;
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
  } finally {
    if (partial) await rm(partial, { recursive: true, force: true });
  }
}

/** Removes what a process left that was killed in the middle; a day old, so that nobody's running download is hit. */
async function removeStale(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    if (!name.startsWith(PARTIAL_PREFIX)) continue;
    const path = join(cache, name);
    const age = Date.now() - ((await stat(path).catch(() => undefined))?.mtimeMs ?? Date.now());
    if (age > STALE_MS) await rm(path, { recursive: true, force: true });
  }
}
