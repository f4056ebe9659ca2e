import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CIFAR10_CLASSES, CIFAR10_RECORD_BYTES } from '../../../src/data/cifar10_format.ts';
import { classCounts } from '../../../src/data/class_counts.ts';
import {
  CIFAR10_ARCHIVE,
  type Cifar10Options,
  loadCifar10,
  lookForCifar10,
} from '../../../src/data/sources/cifar10.ts';
import { dataPlaces } from '../../../src/data/sources/data_places.ts';
import { loadDataset } from '../../../src/data/sources/load_dataset.ts';
import { UserError } from '../../../src/runtime/errors.ts';
import {
  archiveMembers,
  label,
  makeArchive,
  pixel,
  RECORDS,
  temporaryPlace,
  writeCifar10Folder,
} from './synthetic_cifar10.ts';

let place: Awaited<ReturnType<typeof temporaryPlace>>;
beforeEach(async () => {
  place = await temporaryPlace();
});
afterEach(() => place.remove());

/** Port 9 of this machine: nobody listens, so whatever would be downloaded fails at once. */
const UNREACHABLE = 'http://127.0.0.1:9/cifar.tar.gz';

async function options(dataDir?: string, more: Partial<Cifar10Options> = {}): Promise<Cifar10Options> {
  const { environment } = place;
  return {
    places: await dataPlaces({ dataDir, environment }),
    environment,
    url: UNREACHABLE,
    recordsPerFile: RECORDS,
    ...more,
  };
}

function expectSynthetic(dataset: Awaited<ReturnType<typeof loadCifar10>>): void {
  expect(dataset.train.labels).toEqual(Uint8Array.from({ length: 5 * RECORDS }, (_, index) => label(index % RECORDS)));
  expect(dataset.test.labels).toEqual(Uint8Array.from({ length: RECORDS }, (_, index) => label(index)));
  expect(dataset.train.images.length).toBe(5 * RECORDS * 32 * 32 * 3);
  expect(dataset.test.images.length).toBe(RECORDS * 32 * 32 * 3);
  let wrong = 0;
  for (let image = 0; image < 6 * RECORDS; image++) {
    const file = Math.floor(image / RECORDS);
    const split = file < 5 ? dataset.train : dataset.test;
    const first = (file < 5 ? image : image - 5 * RECORDS) * 32 * 32 * 3;
    for (let at = 0; at < 32 * 32 * 3; at++) {
      const [row, column, channel] = [Math.floor(at / 96), Math.floor(at / 3) % 32, at % 3];
      if (split.images[first + at] !== pixel(file, image % RECORDS, channel, row, column)) wrong++;
    }
  }
  expect(wrong).toBe(0);
}

describe('a folder of the six files', () => {
  it('is read as [N, 32, 32, 3] bytes, training files in order', async () => {
    const folder = join(place.folder, 'cifar');
    await writeCifar10Folder(folder);
    const dataset = await loadCifar10(await options(folder));
    expectSynthetic(dataset);
    expect(dataset).toMatchObject({ name: 'cifar10', height: 32, width: 32, channels: 3, classNames: CIFAR10_CLASSES });
    expect(dataset.source).toBe(`folder ${folder}`);
  });

  it('is found under a parent, and in the cache', async () => {
    await writeCifar10Folder(join(place.folder, 'data', 'cifar-10-batches-bin'));
    expectSynthetic(await loadCifar10(await options(join(place.folder, 'data'))));
    await writeCifar10Folder(join(place.folder, 'cache', 'wgrad', 'cifar-10-batches-bin'));
    expectSynthetic(await loadCifar10(await options()));
  });

  it('is passed by where a place has none of the files, and the next one is read', async () => {
    await mkdir(join(place.folder, 'empty'));
    await writeCifar10Folder(join(place.folder, 'cache', 'wgrad', 'cifar-10-batches-bin'));
    expectSynthetic(await loadCifar10(await options(join(place.folder, 'empty'))));
  });

  describe('damaged', () => {
    let folder: string;
    beforeEach(async () => {
      folder = join(place.folder, 'cifar');
      await writeCifar10Folder(folder);
    });

    async function expectRefused(...parts: string[]): Promise<void> {
      const failure = await loadCifar10(await options(folder)).then(
        () => undefined,
        (error: unknown) => error,
      );
      expect(failure).toBeInstanceOf(UserError);
      for (const part of parts) expect((failure as Error).message).toContain(part);
    }

    it('by a missing file', async () => {
      await rm(join(folder, 'data_batch_3.bin'));
      await expectRefused(`${join(folder, 'data_batch_3.bin')} is missing`);
      expect(await lookForCifar10(await options(folder))).toMatchObject({
        found: false,
        problem: expect.stringContaining('data_batch_3.bin is missing'),
      });
    });

    it('by a truncated file', async () => {
      const path = join(folder, 'test_batch.bin');
      const bytes = await readFile(path);
      await writeFile(path, bytes.subarray(0, bytes.length - 1));
      const expected = RECORDS * CIFAR10_RECORD_BYTES;
      await expectRefused(path, `${expected - 1} bytes found`, `expected ${expected}`);
      expect(await lookForCifar10(await options(folder))).toMatchObject({
        found: false,
        problem: expect.stringContaining(`${expected - 1} bytes found`),
      });
    });

    it('by a file that is too long', async () => {
      const path = join(folder, 'data_batch_1.bin');
      await writeFile(path, Buffer.concat([await readFile(path), Buffer.alloc(CIFAR10_RECORD_BYTES)]));
      await expectRefused(path, `expected ${RECORDS * CIFAR10_RECORD_BYTES}`);
    });

    it('by a label byte above 9', async () => {
      const path = join(folder, 'data_batch_2.bin');
      const bytes = await readFile(path);
      bytes[3 * CIFAR10_RECORD_BYTES] = 10;
      await writeFile(path, bytes);
      await expectRefused(path, 'record 3 has label 10', 'expected 0 to 9');
    });

    it('by a class with too many images', async () => {
      const path = join(folder, 'test_batch.bin');
      const bytes = await readFile(path);
      bytes[0] = 0;
      await writeFile(path, bytes);
      await expectRefused(path, '3 images of class 0 (airplane)', 'expected 2');
    });

    it('by a training file whose classes do not even out over the five', async () => {
      const path = join(folder, 'data_batch_5.bin');
      const bytes = await readFile(path);
      bytes[0] = 8;
      await writeFile(path, bytes);
      await expectRefused(
        join(folder, 'data_batch_1.bin'),
        'data_batch_5.bin',
        '11 images of class 8 (ship)',
        'expected 10',
      );
    });
  });
});

describe('the archive lying in a place', () => {
  it('is read in memory, and the place stays as it was', async () => {
    const folder = join(place.folder, 'archive');
    await mkdir(folder);
    const { md5 } = await makeArchive(join(folder, CIFAR10_ARCHIVE), archiveMembers());
    const dataset = await loadCifar10(await options(folder, { md5 }));
    expectSynthetic(dataset);
    expect(dataset.source).toBe(`archive ${join(folder, CIFAR10_ARCHIVE)}`);
    expect(await readdir(folder)).toEqual([CIFAR10_ARCHIVE]);
    await expect(stat(join(place.folder, 'cache'))).rejects.toThrow('ENOENT');
  });

  it('is refused, not replaced by a download, where its md5 is another', async () => {
    const folder = join(place.folder, 'archive');
    await mkdir(folder);
    const { md5 } = await makeArchive(join(folder, CIFAR10_ARCHIVE), archiveMembers());
    const wrong = '0'.repeat(32);
    await expect(loadCifar10(await options(folder, { md5: wrong }))).rejects.toThrow(
      `its md5 is ${md5}, expected ${wrong}`,
    );
  });

  it('gives way to the folder beside it', async () => {
    const folder = join(place.folder, 'both');
    await writeCifar10Folder(join(folder, 'cifar-10-batches-bin'));
    await copyFile(join(folder, 'cifar-10-batches-bin', 'test_batch.bin'), join(folder, CIFAR10_ARCHIVE));
    expectSynthetic(await loadCifar10(await options(folder)));
  });
});

describe('real CIFAR-10', () => {
  const folder = process.env.WGRAD_DATA;
  const atHand = folder && ['cifar-10-batches-bin', 'data_batch_1.bin'].some((name) => existsSync(join(folder, name)));
  if (!atHand) {
    console.warn('The real CIFAR-10 is not checked: WGRAD_DATA names no folder with it.');
    it('not checked here: WGRAD_DATA names no folder with it, the synthetic one above stands in', async () => {
      const sighting = await lookForCifar10({ places: [{ folder: place.folder, namedBy: 'cache' }] });
      expect(sighting).toMatchObject({ found: false, problem: expect.stringContaining('not there yet') });
    });
    return;
  }
  it('has its class counts, the known first labels, and the statistics it is normalised by', async () => {
    const environment = { ...place.environment, variables: { ...place.environment.variables, WGRAD_DATA: folder } };
    const { train, test, mean, source } = await loadDataset('cifar10', { environment });
    expect(source).toContain(resolve(folder));
    expect(classCounts(train.labels, 10)).toEqual(new Array(10).fill(5000));
    expect(classCounts(test.labels, 10)).toEqual(new Array(10).fill(1000));
    // The first training images are a frog, two trucks, a deer, two automobiles; the first test images a cat, two ships, an airplane.
    expect([...train.labels.subarray(0, 6)]).toEqual([6, 9, 9, 4, 1, 1]);
    expect([...test.labels.subarray(0, 4)]).toEqual([3, 8, 8, 0]);
    expect([...train.images.subarray(0, 9)]).toEqual([59, 62, 63, 43, 46, 45, 50, 48, 43]);
    expect([...test.images.subarray(0, 9)]).toEqual([158, 112, 49, 159, 111, 47, 165, 116, 51]);
    const sums = [0, 0, 0];
    for (let at = 0; at < train.images.length; at += 3) {
      sums[0] += train.images[at];
      sums[1] += train.images[at + 1];
      sums[2] += train.images[at + 2];
    }
    const measured = sums.map((sum) => sum / (train.images.length / 3) / 255);
    for (let channel = 0; channel < 3; channel++)
      expect(Math.abs(measured[channel] - mean[channel])).toBeLessThan(5e-5);
  });
});
