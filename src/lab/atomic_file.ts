import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { UserError } from './user_error.ts';

/** What went wrong with a file, as a sentence the user can act on. */
function explain(path: string, error: unknown): Error {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOSPC')
    return new UserError(`The disk is full: ${path} could not be written; free some space and go on with --resume.`);
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
    return new UserError(`${path} may not be written; choose another folder with --out.`);
  if (code === 'EEXIST' || code === 'ENOTDIR')
    return new UserError(`${dirname(path)} is not a folder; choose another with --out.`);
  return error as Error;
}

/** Makes a folder and those above it. Throws UserError where that is not allowed. */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    throw explain(path, error);
  }
}

/**
 * Writes a file whole or not at all: into a temporary neighbour, flushed to the disk, then renamed. What stood there before stays until then.
 * Throws UserError for a full disk or a folder that may not be written.
 */
export async function writeFileAtomically(path: string, data: string | Uint8Array): Promise<void> {
  const temporary = `${path}.${process.pid}.partial`;
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
