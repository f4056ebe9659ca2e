import { crc32 } from 'node:zlib';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { type NpyHeader, npyHeader } from './npy.ts';

/** An array of an archive, read as a stream: it may be larger than the memory. */
export interface ArchivedArray extends NpyHeader {
  /** Its elements, in pieces as they come. @throws Error, its message a clause, where they are damaged. */
  read(): AsyncGenerator<Buffer>;
}

/** The arrays of an .npz archive by their names, and what closes it. */
export interface NpzArchive {
  arrays: Map<string, ArchivedArray>;
  close(): void;
}

/** Opens an archive of NumPy's arrays. wanted: whether the header of an array is to be read. @throws Error, its message a clause. */
export async function openNpz(path: string, wanted: (name: string) => boolean): Promise<NpzArchive> {
  const zip = await openPromise(path, { autoClose: false });
  try {
    const arrays = new Map<string, ArchivedArray>();
    const entries: Entry[] = [];
    for await (const entry of zip.eachEntry()) entries.push(entry);
    for (const entry of entries) {
      const name = entry.fileName.replace(/\.npy$/, '');
      if (name === entry.fileName || !wanted(name)) continue;
      const header = await headerOf(zip, entry).catch((cause: Error) => {
        throw new Error(`${name}: ${cause.message}`, { cause });
      });
      arrays.set(name, { ...header, read: () => elements(zip, entry, header.bytes) });
    }
    return { arrays, close: () => zip.close() };
  } catch (error) {
    zip.close();
    throw error;
  }
}

async function headerOf(zip: ZipFile, entry: Entry): Promise<NpyHeader> {
  let first = Buffer.alloc(0);
  const stream = await zip.openReadStreamPromise(entry);
  for await (const piece of stream) {
    first = Buffer.concat([first, piece as Buffer]);
    const header = npyHeader(first);
    if (header) return header;
  }
  throw new Error('it ends before its header does');
}

async function* elements(zip: ZipFile, entry: Entry, headerBytes: number): AsyncGenerator<Buffer> {
  let skip = headerBytes;
  let sum = 0;
  for await (const piece of await zip.openReadStreamPromise(entry)) {
    const bytes = piece as Buffer;
    sum = crc32(bytes, sum);
    if (skip < bytes.length) yield bytes.subarray(skip);
    skip = Math.max(0, skip - bytes.length);
  }
  if (sum !== entry.crc32) throw new Error('its checksum differs from the one in the archive: it is damaged');
}
