import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { decodeImage, sideBySide } from './decode_image.ts';
import { classesOf, type ImageListing, type SplitName } from './image_listing.ts';

/** A file with one image. */
export interface ListedFile {
  path: string;
  /** What it is called in messages and known by: not where the data set lies. */
  name: string;
  className: string;
  split?: SplitName;
}

/** The listing of images in files of their own. classes: those that have a place although no file is of them. */
export async function listFiles(
  files: readonly ListedFile[],
  { classes = [], notes = [] }: { classes?: readonly string[]; notes?: string[] } = {},
): Promise<ImageListing> {
  const classNames = classesOf([...classes, ...files.map(({ className }) => className)]);
  const labelOf = new Map(classNames.map((name, label) => [name, label]));
  const hash = createHash('sha256');
  const stats: string[] = new Array(files.length);
  await sideBySide(files.length, async (i) => {
    const found = await stat(files[i].path).catch(() => undefined);
    stats[i] = found ? `${found.size} ${found.mtimeMs}` : 'not there';
  });
  files.forEach(({ name }, i) => {
    hash.update(`${name}\0${stats[i]}\0`);
  });
  return {
    classNames,
    labels: Uint32Array.from(files, ({ className }) => labelOf.get(className)!),
    splits: files.map(({ split }) => split),
    nameOf: (index) => files[index].name,
    fingerprint: hash.digest('hex'),
    notes,
    decode: (size, { write, fail, signal }, background) =>
      sideBySide(
        files.length,
        async (index) => {
          const bytes = await decodeImage(files[index].path, size, { background }).catch((error: Error) => error);
          if (bytes instanceof Error) fail(index, stats[index] === 'not there' ? 'it is not there' : bytes.message);
          else await write(index, bytes);
        },
        signal,
      ),
  };
}
