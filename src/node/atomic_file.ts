import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { UserError } from '../runtime/errors.ts';

/** Ends the names of files that are being written. */
const PARTIAL = '.partial';

/** Codes of a disk that has no room, or does not work: nothing that was asked for is wrong. */
const DISK_CODES: readonly unknown[] = ['ENOSPC', 'EDQUOT', 'EIO', 'ESTALE'];

/** Whether a file could not be written because of the disk it is on. */
export function isDiskFault(error: unknown): boolean {
  return error instanceof UserError && DISK_CODES.includes((error.cause as NodeJS.ErrnoException | undefined)?.code);
}

/** What went wrong with a file, as a sentence the user can act on. */
export function explain(path: string, error: unknown): Error {
  const code = (error as NodeJS.ErrnoException).code;
  const sentence = (text: string) => new UserError(text, { cause: error });
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return sentence(`The disk is full: ${path} could not be written; free some space and go on with --resume.`);
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
    return sentence(`${path} may not be written; choose another folder with --out.`);
  if (code === 'EEXIST' || code === 'ENOTDIR')
    return sentence(`${path} cannot be made, as part of that path is a file; choose another folder with --out.`);
  if (code === 'ENAMETOOLONG')
    return sentence(
      `${basename(path).slice(0, 20)}… cannot be made, as its name is too long; choose another with --out.`,
    );
  if (code === 'EIO' || code === 'ESTALE')
    return sentence(`The disk failed while ${path} was written; go on with --resume once it works.`);
  if (code === 'ENOENT') return sentence(`${path} cannot be written, as its folder is gone; start a new run.`);
  // What else may happen, in the system's own words.
  return code === undefined ? (error as Error) : sentence(`${path} cannot be written: ${(error as Error).message}.`);
}

/** Makes a folder and those above it. Throws UserError where that is not allowed, or a file is in the way. */
export async function makeFolder(path: string): Promise<void> {
  if (path === '') throw new UserError('The name of the folder is empty; give one with --out.');
  try {
    await makeFolders(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw explain(path, error);
    throw new UserError(`No folder can be made at ${path}; choose another with --out.`, { cause: error });
  }
}

/** As `mkdir` with `recursive`, which never ends where nothing can be made, as in /proc. */
export async function makeFolders(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const parent = dirname(path);
    if (code === 'ENOENT' && parent !== path) {
      await makeFolders(parent);
      await mkdir(path).catch(acceptFolder(path));
    } else await acceptFolder(path)(error);
  }
}

/** Throws the error unless it says that the folder is there, made by another process perhaps. */
function acceptFolder(path: string): (error: unknown) => Promise<void> {
  return async (error) => {
    if (!(await stat(path).catch(() => undefined))?.isDirectory()) throw error;
  };
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

/** Adds to the end of a file, which is made where there is none. Throws UserError for a full disk or a folder that may not be written. */
export function appendToFile(path: string, data: string | Uint8Array): void {
  try {
    appendFileSync(path, data);
  } catch (error) {
    throw explain(path, error);
  }
}

function acceptMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}

/** Removes what a process left in a folder and below it that was killed while it wrote. */
export async function removePartialFiles(folder: string): Promise<void> {
  for (const name of await readdir(folder, { recursive: true })) {
    if (name.endsWith(PARTIAL)) await rm(join(folder, name), { force: true });
  }
}

/**
 * Writes a file whole or not at all: into a temporary neighbour, flushed to the disk, then renamed. What stood there before stays until then.
 * keepAs: what stood there before gets this name rather than be gone. Throws UserError for a full disk or a folder that may not be written.
 */
export async function writeFileAtomically(
  path: string,
  data: string | Uint8Array,
  { keepAs }: { keepAs?: string } = {},
): Promise<void> {
  // Not a process's number, which others on other machines have as well.
  const temporary = `${path}.${randomUUID()}${PARTIAL}`;
  try {
    const file = await open(temporary, 'w');
    try {
      await file.writeFile(data);
      await file.sync();
    } finally {
      await file.close();
    }
    // Where the process is killed between the two, whoever reads takes the one that was kept.
    if (keepAs !== undefined) await rename(path, keepAs).catch(acceptMissing);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw explain(path, error);
  }
}
