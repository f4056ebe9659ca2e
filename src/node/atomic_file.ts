import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { UserError } from '../runtime/errors.ts';

/** Ends the names of files that are being written. */
const PARTIAL = '.partial';

/** What went wrong with a file, as a sentence the user can act on. */
function explain(path: string, error: unknown): Error {
  const code = (error as NodeJS.ErrnoException).code;
  const sentence = (text: string) => new UserError(text, { cause: error });
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return sentence(`The disk is full: ${path} could not be written; free some space and go on with --resume.`);
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
    return sentence(`${path} may not be written; choose another folder with --out.`);
  if (code === 'EEXIST' || code === 'ENOTDIR')
    return sentence(`${path} cannot be made, as part of that path is a file; choose another folder with --out.`);
  if (code === 'ENOENT') return sentence(`${path} cannot be written, as its folder is gone; start a new run.`);
  // A name that is too long, a disk that fails: the system's own words.
  return code === undefined ? (error as Error) : sentence(`${path} cannot be written: ${(error as Error).message}.`);
}

/** Makes a folder and those above it. Throws UserError where that is not allowed, or a file is in the way. */
export async function makeFolder(path: string): Promise<void> {
  if (path === '') throw new UserError('A folder is to be made and its name is empty; give it a name.');
  try {
    await makeFolders(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw explain(path, error);
    throw new UserError(`${path} cannot be made there; choose another folder.`, { cause: error });
  }
}

/** Makes a folder and those above it; throws the system's errors. As mkdir with `recursive`, which never ends where no folder can be made although the one above it is there, as under /proc. */
export async function makeFolders(path: string): Promise<void> {
  const isFolder = async (at: string) => (await stat(at).catch(() => undefined))?.isDirectory() ?? false;
  try {
    await mkdir(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (await isFolder(path)) return;
    if (code !== 'ENOENT' || (await isFolder(dirname(path)))) throw error;
    await makeFolders(dirname(path));
    // Another process may make it at the same time.
    await mkdir(path).catch(async (again) => {
      if (!(await isFolder(path))) throw again;
    });
  }
}

/** Makes a folder that is not there yet. False where something of that name is. Throws as makeFolder does. */
export async function makeNewFolder(path: string): Promise<boolean> {
  try {
    await mkdir(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw explain(path, error);
  }
}

/** Removes what a process left in a folder and below it that was killed while it wrote. */
export async function removePartialFiles(folder: string): Promise<void> {
  for (const name of await readdir(folder, { recursive: true })) {
    if (name.endsWith(PARTIAL)) await rm(join(folder, name), { force: true });
  }
}

/**
 * Writes a file whole or not at all: into a temporary neighbour, flushed to the disk, then renamed. What stood there before stays until then.
 * Throws UserError for a full disk or a folder that may not be written.
 */
export async function writeFileAtomically(path: string, data: string | Uint8Array): Promise<void> {
  const temporary = `${path}.${process.pid}${PARTIAL}`;
  try {
    const file = await open(temporary, 'w');
    try {
      await file.writeFile(data);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw explain(path, error);
  }
}
