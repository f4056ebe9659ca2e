import { stat } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { walkImages } from './walk_images.ts';

/** An image to be looked at, without a label. */
export interface FoundImage {
  path: string;
  /** Where it stands below the innermost folder that holds all images found, so that no two have the same. */
  name: string;
}

/** Images in files and folders: each file as it is named, of a folder all images in it and below. Files that are no images are passed over there. */
export async function findImages(paths: readonly string[]): Promise<{ images: FoundImage[]; passedOver: string[] }> {
  const found = new Set<string>();
  const passedOver: string[] = [];
  for (const path of paths) {
    const entry = await stat(path).catch(() => undefined);
    if (!entry?.isDirectory()) {
      // One that is not there is found out when it is read.
      found.add(path);
      continue;
    }
    const walked = await walkImages(path);
    for (const name of walked.images) found.add(join(path, name));
    passedOver.push(...walked.others);
  }
  const common = commonFolder([...found].map((path) => dirname(resolve(path))));
  return { images: [...found].map((path) => ({ path, name: relative(common, resolve(path)) })), passedOver };
}

/** The innermost folder that holds all these folders or is one of them. */
function commonFolder(folders: readonly string[]): string {
  const [first = [], ...others] = folders.map((folder) => folder.split(sep));
  let length = first.length;
  for (const parts of others) {
    let same = 0;
    while (same < length && parts[same] === first[same]) same++;
    length = same;
  }
  return first.slice(0, length).join(sep) || sep;
}
