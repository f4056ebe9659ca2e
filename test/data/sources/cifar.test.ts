import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  CIFAR10,
  CIFAR100,
  CIFAR100_COARSE,
  type CifarForm,
  cifarFiles,
  recordBytes,
} from '../../../src/data/cifar_form.ts';
import { classCounts } from '../../../src/data/class_counts.ts';
import { measurePixels } from '../../../src/data/pixel_statistics.ts';
import { loadCifar, lookForCifar } from '../../../src/data/sources/cifar.ts';
import { dataPlaces } from '../../../src/data/sources/data_places.ts';
import { loadDataset } from '../../../src/data/sources/load_dataset.ts';
import { UserError } from '../../../src/runtime/errors.ts';
import {
  archiveMembers,
  label,
  makeArchive,
  pixel,
  RECORDS,
  SMALL_CIFAR10,
  small,
  temporaryPlace,
  writeCifar10Folder,
} from './synthetic_cifar.ts';

let place: Awaited<ReturnType<typeof temporaryPlace>>;
beforeEach(async () => {
  place = await temporaryPlace();
});
afterEach(() => place.remove());

/** Port 9 of this machine: nobody listens, so whatever would be downloaded fails at once. */
const UNREACHABLE = 'http://127.0.0.1:9/cifar.tar.gz';

/** Loads the small stand-in. */
async function load(dataDir?: string, change: Partial<CifarForm> = {}) {
  const { environment } = place;
  const form = { ...SMALL_CIFAR10, url: UNREACHABLE, ...change };
  return loadCifar(form, { places: await dataPlaces({ dataDir, environment }), environment });
}

async function look(dataDir: string) {
  return lookForCifar(SMALL_CIFAR10, await dataPlaces({ dataDir, environment: place.environment }));
}

function expectSynthetic(dataset: Awaited<ReturnType<typeof load>>): void {
  expect(dataset.train.labels).toEqual(Uint8Array.from({ length: 5 * RECORDS }, (_, index) => label(index % RECORDS)));
  expect(dataset.test.labels).toEqual(Uint8Array.from({ length: RECORDS }, (_, index) => label(index)));
  expect(dataset.train.images.length).toBe(5 * RECORDS * 32 * 32 * 3);
  expect(dataset.test.images.length).toBe(RECORDS * 32 * 32 * 3);
  let wrong = 0;
  for (let image = 0; image < 6 * RECORDS; image++) {
    const file = Math.floor(image / RECORDS);
    const split = file < 5 ? dataset.train : dataset.test;
    const first = (file < 5 ? image : image - 5 * RECORDS) * 32 * 32 * 3;
    const bytes = split.images.subarray(first, first + 32 * 32 * 3);
    for (let at = 0; at < 32 * 32 * 3; at++) {
      const [row, column, channel] = [Math.floor(at / 96), Math.floor(at / 3) % 32, at % 3];
      if (bytes[at] !== pixel(file, image % RECORDS, channel, row, column)) wrong++;
    }
  }
  expect(wrong).toBe(0);
}

describe('a folder of the six files', () => {
  it('is read as [N, 32, 32, 3] bytes, training files in order', async () => {
    const folder = join(place.folder, 'cifar');
    await writeCifar10Folder(folder);
    const dataset = await load(folder);
    expectSynthetic(dataset);
    expect(dataset).toMatchObject({
      name: 'cifar10',
      height: 32,
      width: 32,
      channels: 3,
      classNames: CIFAR10.classNames,
    });
    expect(dataset.source).toBe(`folder ${folder}`);
  });

  it('is found under a parent, and in the cache', async () => {
    await writeCifar10Folder(join(place.folder, 'data', 'cifar-10-batches-bin'));
    expectSynthetic(await load(join(place.folder, 'data')));
    await writeCifar10Folder(join(place.folder, 'cache', 'wgrad', 'cifar-10-batches-bin'));
    expectSynthetic(await load());
  });

  it('is passed by where a place has none of the files, and the next one is read', async () => {
    await mkdir(join(place.folder, 'empty'));
    await writeCifar10Folder(join(place.folder, 'cache', 'wgrad', 'cifar-10-batches-bin'));
    expectSynthetic(await load(join(place.folder, 'empty')));
  });

  describe('damaged', () => {
    let folder: string;
    beforeEach(async () => {
      folder = join(place.folder, 'cifar');
      await writeCifar10Folder(folder);
    });

    async function expectRefused(...parts: string[]): Promise<void> {
      const failure = await load(folder).then(
        () => undefined,
        (error: unknown) => error,
      );
      expect(failure).toBeInstanceOf(UserError);
      for (const part of parts) expect((failure as Error).message).toContain(part);
    }

    it('by a missing file', async () => {
      await rm(join(folder, 'data_batch_3.bin'));
      await expectRefused(`${join(folder, 'data_batch_3.bin')} is missing`);
      expect(await look(folder)).toMatchObject({
        found: false,
        problem: expect.stringContaining('data_batch_3.bin is missing'),
      });
    });

    it('by a truncated file', async () => {
      const path = join(folder, 'test_batch.bin');
      const bytes = await readFile(path);
      await writeFile(path, bytes.subarray(0, bytes.length - 1));
      const expected = RECORDS * recordBytes(CIFAR10);
      await expectRefused(path, `${expected - 1} bytes found`, `expected ${expected}`);
      expect(await look(folder)).toMatchObject({
        found: false,
        problem: expect.stringContaining(`${expected - 1} bytes found`),
      });
    });

    it('by a file that is too long', async () => {
      const path = join(folder, 'data_batch_1.bin');
      await writeFile(path, Buffer.concat([await readFile(path), Buffer.alloc(recordBytes(CIFAR10))]));
      await expectRefused(path, `expected ${RECORDS * recordBytes(CIFAR10)}`);
    });

    it('by a label byte above 9', async () => {
      const path = join(folder, 'data_batch_2.bin');
      const bytes = await readFile(path);
      bytes[3 * recordBytes(CIFAR10)] = 10;
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
    const { md5 } = await makeArchive(join(folder, CIFAR10.archive), archiveMembers());
    const dataset = await load(folder, { md5 });
    expectSynthetic(dataset);
    expect(dataset.source).toBe(`archive ${join(folder, CIFAR10.archive)}`);
    expect(await readdir(folder)).toEqual([CIFAR10.archive]);
    await expect(stat(join(place.folder, 'cache'))).rejects.toThrow('ENOENT');
  });

  it('is refused, not replaced by a download, where its md5 is another', async () => {
    const folder = join(place.folder, 'archive');
    await mkdir(folder);
    const { md5 } = await makeArchive(join(folder, CIFAR10.archive), archiveMembers());
    const wrong = '0'.repeat(32);
    await expect(load(folder, { md5: wrong })).rejects.toThrow(`its md5 is ${md5}, expected ${wrong}`);
  });

  it('gives way to the folder beside it', async () => {
    const folder = join(place.folder, 'both');
    await writeCifar10Folder(join(folder, 'cifar-10-batches-bin'));
    await copyFile(join(folder, 'cifar-10-batches-bin', 'test_batch.bin'), join(folder, CIFAR10.archive));
    expectSynthetic(await load(folder));
  });
});

describe('CIFAR-100', () => {
  /** A record for each class of a file: byte 0 is class ÷ 5, byte 1 the class, each plane has one value of its own. */
  async function writeCifar100(folder: string): Promise<void> {
    await mkdir(folder, { recursive: true });
    for (const [part, { file, records }] of cifarFiles(small(CIFAR100, 100)).entries()) {
      const bytes = Buffer.alloc(records * recordBytes(CIFAR100));
      for (let record = 0; record < records; record++) {
        const start = record * recordBytes(CIFAR100);
        const fine = (record * 7) % 100;
        bytes.set([Math.floor(fine / 5), fine], start);
        for (let channel = 0; channel < 3; channel++)
          bytes.fill(
            part * 100 + channel * 50 + (record % 2),
            start + 2 + channel * 1024,
            start + 2 + (channel + 1) * 1024,
          );
      }
      await writeFile(join(folder, file), bytes);
    }
  }

  async function loadBoth() {
    const folder = join(place.folder, 'data');
    await writeCifar100(join(folder, CIFAR100.folder));
    const { environment } = place;
    const options = { places: await dataPlaces({ dataDir: folder, environment }), environment };
    return {
      fine: await loadCifar(small(CIFAR100, 100), options),
      coarse: await loadCifar(small(CIFAR100_COARSE, 100), options),
    };
  }

  it('has a hundred classes by its second byte and twenty by its first, in alphabetical order, each once', async () => {
    const { fine, coarse } = await loadBoth();
    expect(fine).toMatchObject({ name: 'cifar100', classNames: { length: 100 } });
    expect(coarse).toMatchObject({ name: 'cifar100-coarse', classNames: { length: 20 } });
    for (const { classNames } of [fine, coarse]) {
      expect(classNames).toEqual([...new Set(classNames)].sort());
    }
    expect([...fine.train.labels.subarray(0, 4)]).toEqual([0, 7, 14, 21]);
    expect([...coarse.train.labels.subarray(0, 4)]).toEqual([0, 1, 2, 4]);
    expect(coarse.test.images).toEqual(fine.test.images);
    expect([...fine.test.images.subarray(0, 6)]).toEqual([100, 150, 200, 100, 150, 200]);
    expect([...fine.train.images.subarray(3072, 3075)]).toEqual([1, 51, 101]);
  });

  it('is normalised by what is measured on its training images', async () => {
    const { fine } = await loadBoth();
    const expected = [0.5, 50.5, 100.5].map((value) => value / 255);
    for (const [channel, mean] of fine.mean.entries()) expect(mean).toBeCloseTo(expected[channel], 12);
    for (const std of fine.std) expect(std).toBeCloseTo(0.5 / 255, 12);
  });

  it('is refused where a class has too many images, and named where it cannot be had', async () => {
    const folder = join(place.folder, 'data');
    await writeCifar100(join(folder, CIFAR100.folder));
    const path = join(folder, CIFAR100.folder, 'test.bin');
    const bytes = await readFile(path);
    bytes[1] = 1;
    await writeFile(path, bytes);
    const { environment } = place;
    const form = small({ ...CIFAR100, url: UNREACHABLE }, 100);
    await expect(
      loadCifar(form, { places: await dataPlaces({ dataDir: folder, environment }), environment }),
    ).rejects.toThrow('0 images of class 0 (apple), expected 1');
    await expect(loadCifar(form, { places: await dataPlaces({ environment }), environment })).rejects.toThrow(
      /^cifar100 is not in /,
    );
  });
});

describe('real CIFAR-10', () => {
  const folder = process.env.WGRAD_DATA;
  const atHand = folder && ['cifar-10-batches-bin', 'data_batch_1.bin'].some((name) => existsSync(join(folder, name)));
  if (!atHand) {
    console.warn('The real CIFAR-10 is not checked: WGRAD_DATA names no folder with it.');
    it('not checked here: WGRAD_DATA names no folder with it, the synthetic one above stands in', async () => {
      const sighting = await lookForCifar(CIFAR10, [{ folder: place.folder, namedBy: 'cache' }]);
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
    const { mean: measured, std } = measurePixels(train.images, 3);
    expect(std.map((value) => value.toFixed(4))).toEqual(['0.2470', '0.2435', '0.2616']);
    for (let channel = 0; channel < 3; channel++)
      expect(Math.abs(measured[channel] - mean[channel])).toBeLessThan(5e-5);
  });
});
