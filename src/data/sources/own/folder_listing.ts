import { join } from 'node:path';
import { UserError } from '../../../runtime/errors.ts';
import { type ListedFile, listFiles } from './file_listing.ts';
import { type ImageListing, type SplitName, splitOf } from './image_listing.ts';
import { entriesOf, passedOver, walkImages } from './walk_images.ts';

/**
 * The images of a folder with a folder for each class, or with `train`, `test` and `val` that hold such folders. Folders within a class's are walked.
 * @throws UserError where there are no such folders, or one cannot be read.
 */
export async function listFolder(path: string): Promise<ImageListing> {
  try {
    return await list(path);
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    throw new UserError(`${path} cannot be read: ${(cause as Error).message}.`, { cause });
  }
}

async function list(path: string): Promise<ImageListing> {
  const { folders, files } = await entriesOf(path);
  const parts = folders.filter((name) => splitOf(name) !== undefined);
  const isSplit = parts.some((name) => splitOf(name) === 'train');
  if (!isSplit && parts.length > 0 && parts.length === folders.length) {
    throw new UserError(
      `${path} has ${parts.join(' and ')} but no train: name the folder with the training images train.`,
    );
  }
  const listed: ListedFile[] = [];
  const classes = new Set<string>();
  const others: string[] = [...files];
  const add = async (within: string, names: readonly string[], split: SplitName | undefined) => {
    for (const className of names) {
      classes.add(className);
      const folder = `${within}${className}`;
      const walked = await walkImages(join(path, folder));
      for (const file of walked.images) {
        listed.push({ path: join(path, folder, file), name: `${folder}/${file}`, className, split });
      }
      others.push(...walked.others.map((file) => `${folder}/${file}`));
    }
  };
  if (isSplit) {
    for (const part of parts) {
      const inside = await entriesOf(join(path, part));
      others.push(...inside.files.map((file) => `${part}/${file}`));
      await add(`${part}/`, inside.folders, splitOf(part));
    }
    const left = folders.filter((name) => !parts.includes(name));
    if (left.length > 0) others.push(...left.map((name) => `${name}/`));
  } else {
    await add('', folders, undefined);
  }
  if (classes.size === 0) {
    throw new UserError(
      `${isSplit ? join(path, 'train') : path} holds no folders of classes: put the images of each class into a folder with its name.`,
    );
  }
  return listFiles(listed, { classes: [...classes], notes: passedOver(others) });
}
