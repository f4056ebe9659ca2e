import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { makeFolders } from './atomic_file.ts';

/** Stands in the names of folders that are being filled. */
const PARTIAL = '.partial-';
const STALE_MS = 24 * 3600 * 1000;

/**
 * Makes a folder whole or not at all: `fill` writes into a new one beside it, which then gets its name. That one is removed however this ends. Two
 * processes may do it at once: the first to be ready wins, and the other's is removed.
 *
 * @throws what `fill` throws, and the file system's own errors.
 */
export async function makeWholeFolder(path: string, fill: (folder: string) => Promise<void>): Promise<void> {
  const parent = dirname(path);
  await makeFolders(parent);
  await removeStale(parent);
  const partial = await mkdtemp(join(parent, `${basename(path)}${PARTIAL}`));
  try {
    // A temporary folder may be read by its owner alone.
    const whole = join(partial, basename(path));
    await mkdir(whole);
    await fill(whole);
    await rename(whole, path).catch(async (error: NodeJS.ErrnoException) => {
      if (!(await stat(path).catch(() => undefined))?.isDirectory()) throw error;
    });
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

/** Removes what a process left that was killed in the middle; a day old, so that nobody's work is hit. */
async function removeStale(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    if (!name.includes(PARTIAL)) continue;
    const path = join(parent, name);
    const age = Date.now() - ((await stat(path).catch(() => undefined))?.mtimeMs ?? Date.now());
    if (age > STALE_MS) await rm(path, { recursive: true, force: true });
  }
}
