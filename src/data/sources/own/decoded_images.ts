import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { isDiskError } from '../../../node/download.ts';
import { cacheFolder, type Environment } from '../../../node/host_environment.ts';
import { makeWholeFolder } from '../../../node/whole_folder.ts';
import { UserError } from '../../../runtime/errors.ts';
import type { ImageBytes } from '../../image_dataset.ts';
import { BACKGROUND } from './decode_image.ts';
import { FileImages } from './file_images.ts';
import type { DecodedSink, ImageListing } from './image_listing.ts';

/** Raised when images come out of decoding in another way. */
const VERSION = 1;

const PIXELS = 'images.bin';
const RECORD = 'images.json';

const recordSchema = z.object({
  /** Of the file of pixels. */
  bytes: z.number(),
  sha256: z.string(),
  /** Images that could not be decoded, and why. */
  failures: z.array(z.tuple([z.number(), z.string()])),
});

/** The images of a listing as bytes [N, size, size, 3] in a file of the user's cache. */
export interface DecodedImages {
  images: ImageBytes;
  /** Of all bytes. */
  sha256: string;
  /** Position and reason of each image that could not be decoded, whose bytes are 0. */
  failures: ReadonlyMap<number, string>;
}

/** How images are decoded. */
export interface DecodeOptions {
  size: number;
  /** What transparent pixels are laid on. */
  background: string;
  environment: Environment;
  onProgress?: (done: number, total: number) => void;
  signal?: AbortSignal;
}

/**
 * Decodes the images of a listing once: they are kept in the user's cache, known by the listing's fingerprint, the size and the background, and taken from there as
 * long as no file has changed.
 * @throws UserError where they cannot be written; the signal's reason where it is aborted, and nothing is left then.
 */
export async function decodedImages(listing: ImageListing, options: DecodeOptions): Promise<DecodedImages> {
  const { size, background, environment } = options;
  const laid = background === BACKGROUND ? '' : `${background} `;
  const key = createHash('sha256')
    .update(`${VERSION} ${size} ${laid}${listing.fingerprint}`)
    .digest('hex')
    .slice(0, 24);
  const folder = join(cacheFolder(environment), 'images', key);
  const kept = await readRecord(folder);
  if (kept === undefined) {
    try {
      await rm(folder, { recursive: true, force: true });
      await makeWholeFolder(folder, (partial) => decodeInto(partial, listing, options));
    } catch (cause) {
      if (!isDiskError(cause)) throw cause;
      throw new UserError(
        `The decoded images cannot be written to ${folder}: ${cause.message}; free some space, or name a folder for caches with XDG_CACHE_HOME.`,
        { cause },
      );
    }
  }
  const record = kept ?? (await readRecord(folder));
  if (record === undefined) throw new UserError(`The decoded images in ${folder} are damaged; remove that folder.`);
  return {
    images: new FileImages(join(folder, PIXELS)),
    sha256: record.sha256,
    failures: new Map(record.failures),
  };
}

/** What stands beside decoded images; undefined where there are none, or not all of them. */
async function readRecord(folder: string): Promise<z.infer<typeof recordSchema> | undefined> {
  try {
    const record = recordSchema.parse(JSON.parse(await readFile(join(folder, RECORD), 'utf8')));
    const { size } = await stat(join(folder, PIXELS));
    return size === record.bytes ? record : undefined;
  } catch {
    return undefined;
  }
}

async function decodeInto(folder: string, listing: ImageListing, options: DecodeOptions): Promise<void> {
  const { size, background, onProgress, signal } = options;
  const total = listing.labels.length;
  const each = size * size * 3;
  const path = join(folder, PIXELS);
  const failures: [number, string][] = [];
  let done = 0;
  const count = () => onProgress?.(++done, total);
  const file = await open(path, 'w');
  try {
    await file.truncate(total * each);
    const sink: DecodedSink = {
      write: async (index, bytes) => {
        await file.write(bytes, 0, each, index * each);
        count();
      },
      fail: (index, reason) => {
        failures.push([index, reason]);
        count();
      },
      signal,
    };
    await listing.decode(size, sink, background);
  } finally {
    await file.close();
  }
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path)) hash.update(piece as Buffer);
  failures.sort(([a], [b]) => a - b);
  const record = { bytes: total * each, sha256: hash.digest('hex'), failures };
  await writeFile(join(folder, RECORD), JSON.stringify(record));
}
