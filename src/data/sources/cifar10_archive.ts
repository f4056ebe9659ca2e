import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import { UserError } from '../../runtime/errors.ts';
import { CIFAR10_FILES, CIFAR10_FOLDER, CIFAR10_RECORD_BYTES } from '../cifar10_format.ts';

const TEXT_FILES = ['batches.meta.txt', 'readme.html'];
const MOST_TEXT_BYTES = 65_536;

export interface ArchiveOptions {
  /** The .tar.gz on disk. */
  archive: string;
  /** What it must hash to. */
  md5: string;
  recordsPerFile: number;
}

/** An archive that is not what it must be. */
export class ArchiveDamaged extends UserError {
  /** What is wrong with it, as a clause. */
  readonly clause: string;

  constructor(archive: string, clause: string, options?: ErrorOptions) {
    super(`${archive} is damaged: ${clause}; replace or delete it.`, options);
    this.clause = clause;
  }
}

/**
 * The eight files of the binary archive by their names, in memory. Nothing is written: whatever else a tampered archive holds (another
 * name, a link, a path out of its folder, a file of another size) ends the reading with an error.
 *
 * @throws ArchiveDamaged saying what was expected and what was found.
 */
export async function readCifar10Archive({
  archive,
  md5,
  recordsPerFile,
}: ArchiveOptions): Promise<Map<string, Uint8Array>> {
  const hash = createHash('md5');
  await pipeline(createReadStream(archive), hash);
  const found = hash.digest('hex');
  if (found !== md5) {
    throw new ArchiveDamaged(archive, `its md5 is ${found}, expected ${md5}`);
  }
  return unpack(archive, recordsPerFile * CIFAR10_RECORD_BYTES);
}

async function unpack(archive: string, imageFileBytes: number): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  // A tar of before 1988 has no magic word; its header checksums are looked at all the same. The option is missing from the library's types.
  const options = { allowUnknownFormat: true };
  const tar = extract(options as Parameters<typeof extract>[0]);
  const feeding = pipeline(createReadStream(archive), createGunzip(), tar);
  // Whatever ends the feeding early reaches the loop below too; here it only must not count as unhandled.
  feeding.catch(() => {});
  try {
    for await (const entry of tar) {
      const { name, type, size = 0 } = entry.header;
      if (type === 'directory' && name.replace(/\/$/, '') === CIFAR10_FOLDER) {
        entry.resume();
        continue;
      }
      const file = memberFile(name);
      if (file === undefined || type !== 'file' || files.has(file)) {
        throw new ArchiveDamaged(archive, `it holds "${name}" (${type}), which the archive of CIFAR-10 does not`);
      }
      const fits = TEXT_FILES.includes(file) ? size <= MOST_TEXT_BYTES : size === imageFileBytes;
      if (!fits) {
        const expected = TEXT_FILES.includes(file) ? `${MOST_TEXT_BYTES} at most` : imageFileBytes;
        throw new ArchiveDamaged(archive, `${name} has ${size} bytes, expected ${expected}`);
      }
      const bytes = new Uint8Array(size);
      let filled = 0;
      for await (const chunk of entry as AsyncIterable<Uint8Array>) {
        bytes.set(chunk, filled);
        filled += chunk.length;
      }
      files.set(file, bytes);
    }
    await feeding;
  } catch (error) {
    if (error instanceof ArchiveDamaged) throw error;
    throw new ArchiveDamaged(archive, (error as Error).message, { cause: error });
  }
  const missing = CIFAR10_FILES.find((file) => !files.has(file));
  if (missing) throw new ArchiveDamaged(archive, `${missing} is not in it`);
  return files;
}

/** The file that a member is, or undefined where its full name is none of the eight. */
function memberFile(name: string): string | undefined {
  return [...CIFAR10_FILES, ...TEXT_FILES].find((file) => name === `${CIFAR10_FOLDER}/${file}`);
}
