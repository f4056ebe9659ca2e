import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type CifarForm, readCifarSplit } from '../../src/data/cifar_form.ts';
import { ArchiveDamaged, readCifarArchive } from '../../src/data/sources/cifar_archive.ts';
import { readIdx } from '../../src/data/sources/idx.ts';
import { listCsv } from '../../src/data/sources/own/csv_listing.ts';
import { decodeImage } from '../../src/data/sources/own/decode_image.ts';
import { listNpz } from '../../src/data/sources/own/npz_listing.ts';
import { UserError } from '../../src/runtime/errors.ts';
import { int64, npy } from '../data/sources/own/made_images.ts';
import { archiveMembers, fileBytes, makeArchive, RECORDS, SMALL_CIFAR10 } from '../data/sources/synthetic_cifar.ts';
import { expectRobust } from './mutations.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wgrad-fuzz-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const isRefusal = (error: Error) => error instanceof UserError && error.message.endsWith('.');

/** A file of these bytes; its name is known by its length too, as readers may keep what they read. */
function written(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

const IDX = Buffer.concat([
  Buffer.from([0, 0, 8, 3, 0, 0, 0, 5, 0, 0, 0, 4, 0, 0, 0, 3]),
  Buffer.from(Array.from({ length: 60 }, (_, i) => i)),
]);

it('IDX', async () => {
  await expectRobust({
    ...{ files: { idx: IDX }, read: (file) => readIdx(written('a.idx', file), [5, 4, 3]), isRefusal },
    // It has no checksum: what has the right head and length is the elements as they stand.
    check: (elements, file) => expect(Buffer.compare(elements, file.subarray(16))).toBe(0),
  });
});

it('gzipped IDX', async () => {
  await expectRobust({
    ...{ files: { idx: gzipSync(IDX) }, read: (file) => readIdx(written('a.idx.gz', file), [5, 4, 3]), isRefusal },
    // gzip has one.
    check: (elements) => expect(Buffer.compare(elements, IDX.subarray(16))).toBe(0),
  });
});

it('CIFAR’s binary form', async () => {
  const form: CifarForm = { ...SMALL_CIFAR10, test: [{ file: 'test_batch.bin', records: RECORDS }] };
  await expectRobust({
    ...{ files: { batch: fileBytes(0) }, isRefusal },
    read: (file) => readCifarSplit(form, 'test', async () => file, String),
    check: ({ images, labels }, file) => {
      expect(images.length).toBe(RECORDS * 3072);
      labels.forEach((label, i) => {
        expect(label).toBe(file[i * 3073]);
        // The first pixel's red, green and blue.
        const pixel = [...images.subarray(i * 3072, i * 3072 + 3)];
        expect(pixel).toEqual([0, 1, 2].map((plane) => file[i * 3073 + 1 + plane * 1024]));
      });
    },
  });
});

it('CIFAR’s archive, past its hash', async () => {
  const { bytes } = await makeArchive(join(folder, 'good.tar.gz'), archiveMembers());
  const { createHash } = await import('node:crypto');
  await expectRobust({
    ...{ files: { archive: bytes }, share: 0.2 },
    isRefusal: (error) => error instanceof ArchiveDamaged,
    read: (file) => {
      const md5 = createHash('md5').update(file).digest('hex');
      return readCifarArchive({ ...SMALL_CIFAR10, md5 }, written('a.tar.gz', file));
    },
    check: (files) => expect(Buffer.compare(files.get('test_batch.bin')!, fileBytes(5))).toBe(0),
  });
});

function arrays(): Record<string, Uint8Array> {
  const pixels = Uint8Array.from({ length: 4 * 6 * 5 * 3 }, (_, i) => (i * 7) % 256);
  return {
    'train_images.npy': npy('|u1', [4, 6, 5, 3], pixels),
    'train_labels.npy': npy('<i8', [4, 1], int64([0, 1, 0, 1])),
    'test_images.npy': npy('|u1', [2, 6, 5, 3], pixels.subarray(0, 180)),
    'test_labels.npy': npy('|u1', [2], Uint8Array.of(1, 0)),
  };
}

/** All that decoding gives. */
async function decoded(path: string) {
  const listing = await listNpz(path);
  const images: Uint8Array[] = [];
  await listing.decode(8, {
    write: async (index, bytes) => {
      images[index] = bytes;
    },
    fail: (_index, reason) => {
      throw new UserError(`${reason}.`);
    },
  });
  return { labels: [...listing.labels], names: listing.classNames, images: Buffer.concat(images) };
}

it('archives of arrays (.npz)', async () => {
  const files = { stored: zipSync(arrays(), { level: 0 }), deflated: zipSync(arrays(), { level: 6 }) };
  const right = await decoded(written('good.npz', files.stored));
  await expectRobust({
    ...{ files, read: (file) => decoded(written('a.npz', file)), isRefusal },
    // Its entries have checksums: their content is right, though not each need be there under its name.
    check: ({ labels, images }) => {
      expect(images.length).toBe(labels.length * 8 * 8 * 3);
      expect([right.labels.length, 4]).toContain(labels.length);
      expect(Buffer.compare(images, right.images.subarray(0, images.length))).toBe(0);
    },
  });
});

it('arrays themselves, past the checksum of the archive', async () => {
  const { 'train_images.npy': images, 'train_labels.npy': labels } = arrays();
  const archive = (parts: Record<string, Uint8Array>) => zipSync({ ...arrays(), ...parts }, { level: 0 });
  for (const [name, array] of Object.entries({ 'train_images.npy': images, 'train_labels.npy': labels })) {
    await expectRobust({
      ...{ files: { [name]: array }, isRefusal },
      read: (file) => decoded(written('b.npz', archive({ [name]: file }))),
      check: (result) => expect(result.images.length).toBe(result.labels.length * 8 * 8 * 3),
    });
  }
});

it('tables (.csv)', async () => {
  const table = 'image,label,split\na.png,cat,train\n"b, c.png",dog,test\nd.png,"a ""bird""",val\ne.png,cat,train\n';
  await expectRobust({
    ...{
      files: { table: Buffer.from(table), windows: Buffer.from(`\ufeff${table.replaceAll('\n', '\r\n')}`) },
      isRefusal,
    },
    read: (file) => listCsv(written('a.csv', file)),
    check: ({ labels, classNames, splits }) => {
      expect(splits).toHaveLength(labels.length);
      for (const label of labels) expect(label).toBeLessThan(classNames.length);
    },
  });
});

it('images', async () => {
  const pixels = Buffer.from(Array.from({ length: 24 * 16 * 3 }, (_, i) => (i * 31) % 256));
  const image = () => sharp(pixels, { raw: { width: 24, height: 16, channels: 3 } });
  const files = {
    png: await image().png().toBuffer(),
    palette: await image().png({ palette: true }).toBuffer(),
    jpeg: await image().jpeg().withMetadata({ orientation: 6 }).toBuffer(),
    webp: await image().webp().toBuffer(),
    gif: await image().gif().toBuffer(),
    tiff: await image().tiff().toBuffer(),
    avif: await image().avif({ effort: 0 }).toBuffer(),
  };
  await expectRobust({
    ...{ files, share: 2, read: (file) => decodeImage(file, 8) },
    // Whoever names the image makes a sentence of the reason, which is the library's.
    isRefusal: (error) => error.constructor === Error && error.cause instanceof Error,
    check: (bytes) => expect(bytes).toHaveLength(8 * 8 * 3),
  });
});
