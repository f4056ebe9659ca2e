import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readIdx } from '../../../src/data/sources/idx.ts';
import { UserError } from '../../../src/runtime/errors.ts';
import { temporaryPlace } from './synthetic_cifar.ts';

/** Two 2×3 images: magic 0x00000803, three sizes, twelve bytes. */
const IMAGES = Buffer.from([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 255]);
const SHAPE = [2, 2, 3];

let place: Awaited<ReturnType<typeof temporaryPlace>>;
beforeEach(async () => {
  place = await temporaryPlace();
});
afterEach(() => place.remove());

async function write(name: string, bytes: Uint8Array): Promise<string> {
  const path = join(place.folder, name);
  await writeFile(path, bytes);
  return path;
}

function changed(at: number, value: number): Buffer {
  const bytes = Buffer.from(IMAGES);
  bytes[at] = value;
  return bytes;
}

describe('readIdx', () => {
  it('gives the elements, gzipped or not', async () => {
    const expected = Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 255]);
    expect(await readIdx(await write('plain', IMAGES), SHAPE)).toEqual(expected);
    expect(await readIdx(await write('zipped.gz', gzipSync(IMAGES)), SHAPE)).toEqual(expected);
  });

  const bad: [string, string, () => Buffer, string][] = [
    ['another element type', 'a', () => changed(2, 9), 'starts with 0x00000903, expected 0x00000803'],
    ['another number of dimensions', 'a', () => changed(3, 1), 'starts with 0x00000801, expected 0x00000803'],
    ['an empty file', 'a', () => Buffer.alloc(0), 'starts with fewer than four bytes'],
    ['another size', 'a', () => changed(11, 3), 'holds 2 × 3 × 3 bytes by its header, expected 2 × 2 × 3'],
    ['too few bytes', 'a', () => IMAGES.subarray(0, 27), '27 bytes found, expected 28'],
    ['too many bytes', 'a', () => Buffer.concat([IMAGES, Buffer.alloc(1)]), '29 bytes found, expected 28'],
    ['half a header', 'a', () => IMAGES.subarray(0, 10), 'expected 2 × 2 × 3'],
    ['a gzip cut off', 'a.gz', () => gzipSync(IMAGES).subarray(0, 20), 'unexpected end of file'],
    ['a gzip that is none', 'a.gz', () => IMAGES, 'incorrect header check'],
    ['a gzip of too few bytes', 'a.gz', () => gzipSync(IMAGES.subarray(0, 27)), '27 bytes found, expected 28'],
    [
      'a gzip of too many bytes',
      'a.gz',
      () => gzipSync(Buffer.concat([IMAGES, Buffer.alloc(1 << 20)])),
      'more than 28 bytes',
    ],
  ];
  it.each(bad)('refuses %s', async (_what, name, bytes, message) => {
    const path = await write(name, bytes());
    const reading = readIdx(path, SHAPE);
    await expect(reading).rejects.toThrow(UserError);
    await expect(reading).rejects.toThrow(message);
    await expect(reading).rejects.toThrow(path);
  });

  it('refuses a file that is not there', async () => {
    await expect(readIdx(join(place.folder, 'none'), SHAPE)).rejects.toThrow(UserError);
  });
});
