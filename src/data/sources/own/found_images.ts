import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { walkImages } from './walk_images.ts';

/** An image to be looked at, without a label. */
export interface FoundImage {
  path: string;
  /** Where it stands below the folder that was named, or its own name. */
  name: string;
}

/** Images in files and folders: each file as it is named, of a folder all images in it and below. Files that are no images are passed over there. */
export async function findImages(paths: readonly string[]): Promise<{ images: FoundImage[]; passedOver: string[] }> {
  const images: FoundImage[] = [];
  const others: string[] = [];
  for (const path of paths) {
    const found = await stat(path).catch(() => undefined);
    if (!found?.isDirectory()) {
      // One that is not there is found out when it is read.
      images.push({ path, name: basename(path) });
      continue;
    }
    const walked = await walkImages(path);
    images.push(...walked.images.map((name) => ({ path: join(path, name), name })));
    others.push(...walked.others);
  }
  return { images, passedOver: others };
}
