import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { pack } from 'tar-stream';
import { CIFAR10, type CifarForm, cifarFiles, recordBytes } from '../../../src/data/cifar_form.ts';
import type { Environment } from '../../../src/node/host_environment.ts';

/** Images in each file of the small stand-in. */
export const RECORDS = 20;

/** A form with `records` images in each file. */
export function small(form: CifarForm, records = RECORDS): CifarForm {
  const shrink = (files: CifarForm['train']) => files.map(({ file }) => ({ file, records }));
  return { ...form, train: shrink(form.train), test: shrink(form.test) };
}

export const SMALL_CIFAR10 = small(CIFAR10);
const FILES = cifarFiles(CIFAR10).map(({ file }) => file);

/** A pixel of the stand-in: different for each file, record, channel and place, so that a wrong order of any of them shows. */
export function pixel(file: number, record: number, channel: number, row: number, column: number): number {
  return (file * 37 + record * 11 + channel * 101 + row * 5 + column * 3) % 256;
}

/** Labels 9, 8, …, 0, 9, 8, …: as many of each class in every file. */
export function label(record: number): number {
  return 9 - (record % 10);
}

export function fileBytes(file: number, records = RECORDS): Buffer {
  const bytes = Buffer.alloc(records * recordBytes(CIFAR10));
  let at = 0;
  for (let record = 0; record < records; record++) {
    bytes[at++] = label(record);
    for (let channel = 0; channel < 3; channel++) {
      for (let row = 0; row < 32; row++) {
        for (let column = 0; column < 32; column++) bytes[at++] = pixel(file, record, channel, row, column);
      }
    }
  }
  return bytes;
}

export async function writeCifar10Folder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [index, file] of FILES.entries()) await writeFile(join(folder, file), fileBytes(index));
}

export interface Member {
  name: string;
  bytes?: Buffer;
  type?: 'file' | 'symlink' | 'directory' | 'link';
  linkname?: string;
}

/** The members of the real archive, in its form: a folder entry, the six image files, two texts. */
export function archiveMembers(): Member[] {
  return [
    { name: `${CIFAR10.folder}/`, type: 'directory' },
    ...FILES.map((file, index) => ({ name: `${CIFAR10.folder}/${file}`, bytes: fileBytes(index) })),
    { name: `${CIFAR10.folder}/batches.meta.txt`, bytes: Buffer.from('airplane\n') },
    { name: `${CIFAR10.folder}/readme.html`, bytes: Buffer.from('<p>\n') },
  ];
}

/** A .tar.gz of the members, and its md5. */
export async function makeArchive(path: string, members: readonly Member[]): Promise<{ bytes: Buffer; md5: string }> {
  const tar = pack();
  for (const { name, bytes, type = 'file', linkname } of members)
    tar.entry({ name, type, linkname }, bytes ?? Buffer.alloc(0));
  tar.finalize();
  const chunks: Buffer[] = [];
  await pipeline(tar, createGzip(), async (source: AsyncIterable<Buffer>) => {
    for await (const chunk of source) chunks.push(chunk);
  });
  const bytes = Buffer.concat(chunks);
  await writeFile(path, bytes);
  return { bytes: await readFile(path), md5: createHash('md5').update(bytes).digest('hex') };
}

/** A folder under the system's temporary one, and an environment whose cache and home lie in it. */
export async function temporaryPlace(): Promise<{
  folder: string;
  environment: Environment;
  remove: () => Promise<void>;
}> {
  const folder = await mkdtemp(join(tmpdir(), 'wgrad-data-'));
  return {
    folder,
    environment: {
      variables: { XDG_CACHE_HOME: join(folder, 'cache') },
      platform: 'linux',
      home: join(folder, 'home'),
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
