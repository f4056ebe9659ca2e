import { readdir, realpath, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { IMAGE_ENDINGS } from './decode_image.ts';

/** Files of a folder and those below it, each path with '/' relative to the folder, in the order of their names. */
export interface WalkedFiles {
  images: string[];
  /** Files of other kinds. */
  others: string[];
}

/** Names that systems leave behind, which nobody means to be read. */
const UNMEANT = /^(\.|__MACOSX$|Thumbs\.db$|desktop\.ini$)/i;

/** The folders and files in a folder, by name, links followed. Throws the file system's own errors. */
export async function entriesOf(folder: string): Promise<{ folders: string[]; files: string[] }> {
  const folders: string[] = [];
  const files: string[] = [];
  for (const name of (await readdir(folder)).sort()) {
    if (UNMEANT.test(name)) continue;
    const found = await stat(join(folder, name)).catch(() => undefined);
    if (found?.isDirectory()) folders.push(name);
    else files.push(name);
  }
  return { folders, files };
}

/** All files in a folder and below it. A folder that links lead to a second time is passed. Throws the file system's own errors. */
export async function walkImages(folder: string): Promise<WalkedFiles> {
  const found: WalkedFiles = { images: [], others: [] };
  const seen = new Set<string>();
  const walk = async (path: string, relative: string) => {
    const real = await realpath(path);
    if (seen.has(real)) return;
    seen.add(real);
    const { folders, files } = await entriesOf(path);
    for (const file of files) (isImage(file) ? found.images : found.others).push(`${relative}${file}`);
    for (const name of folders) await walk(join(path, name), `${relative}${name}/`);
  };
  await walk(folder, '');
  return found;
}

function isImage(file: string): boolean {
  return IMAGE_ENDINGS.includes(extname(file).toLowerCase());
}

/** A sentence on files of other kinds; none where there are none. */
export function passedOver(others: readonly string[]): string[] {
  if (others.length === 0) return [];
  const kinds = new Map<string, number>();
  for (const file of others) {
    const kind = extname(file).toLowerCase() || 'no ending';
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  const listed = [...kinds].map(([kind, count]) => `${kind} ${count}`).join(', ');
  const what =
    others.length === 1
      ? `1 file that is no image: ${others[0]}`
      : `${others.length} files that are no images (${listed})`;
  return [`Passed over ${what}.`];
}
