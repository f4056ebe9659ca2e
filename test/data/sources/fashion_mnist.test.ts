import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { classCounts } from '../../../src/data/class_counts.ts';
import { measurePixels } from '../../../src/data/pixel_statistics.ts';
import { dataPlaces } from '../../../src/data/sources/data_places.ts';
import { DatasetUnavailable } from '../../../src/data/sources/dataset_unavailable.ts';
import {
  type FashionMnistOptions,
  loadFashionMnist,
  lookForFashionMnist,
} from '../../../src/data/sources/fashion_mnist.ts';
import { UserError } from '../../../src/runtime/errors.ts';
import { temporaryPlace } from './synthetic_cifar.ts';

const COUNTS = { train: 30, test: 20 };

let place: Awaited<ReturnType<typeof temporaryPlace>>;
beforeEach(async () => {
  place = await temporaryPlace();
});
afterEach(() => place.remove());

function idx(shape: number[], element: (at: number) => number): Buffer {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.writeUInt32BE(0x800 + shape.length, 0);
  for (const [axis, size] of shape.entries()) header.writeUInt32BE(size, 4 + 4 * axis);
  const count = shape.reduce((product, size) => product * size);
  return Buffer.concat([header, Buffer.from(Array.from({ length: count }, (_, at) => element(at)))]);
}

async function writeFolder(folder: string, { zipped = false } = {}): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [split, count] of [
    ['train', COUNTS.train],
    ['t10k', COUNTS.test],
  ] as const) {
    for (const [name, bytes] of [
      [`${split}-images-idx3-ubyte`, idx([count, 28, 28], (at) => (at * 7 + count) % 256)],
      [`${split}-labels-idx1-ubyte`, idx([count], (at) => at % 10)],
    ] as const) {
      await writeFile(join(folder, zipped ? `${name}.gz` : name), zipped ? gzipSync(bytes) : bytes);
    }
  }
}

async function options(dataDir?: string): Promise<FashionMnistOptions> {
  const { environment, folder } = place;
  return { places: await dataPlaces({ dataDir, environment }), systemFolder: join(folder, 'system'), counts: COUNTS };
}

describe('loadFashionMnist', () => {
  it.each([
    ['given', 'given', false],
    ['given', 'given/fashion-mnist', true],
    [undefined, 'cache/wgrad/fashion-mnist', false],
    [undefined, 'system', true],
  ])('with --data-dir %s reads %s (gzipped: %s)', async (given, where, zipped) => {
    const folder = join(place.folder, where);
    await writeFolder(folder, { zipped });
    const dataset = await loadFashionMnist(await options(given && join(place.folder, given)));
    expect(dataset).toMatchObject({
      name: 'fashion-mnist',
      height: 28,
      width: 28,
      channels: 1,
      source: `folder ${folder}`,
    });
    expect(dataset.train.labels).toEqual(Uint8Array.from({ length: 30 }, (_, at) => at % 10));
    expect(dataset.test.labels).toEqual(Uint8Array.from({ length: 20 }, (_, at) => at % 10));
    expect(dataset.train.images).toEqual(Uint8Array.from({ length: 30 * 784 }, (_, at) => (at * 7 + 30) % 256));
    expect(dataset.test.images).toEqual(Uint8Array.from({ length: 20 * 784 }, (_, at) => (at * 7 + 20) % 256));
  });

  it('comes in the other forms', async () => {
    await writeFolder(join(place.folder, 'system'));
    const dataset = await loadFashionMnist({ ...(await options()), form: { size: 32, channels: 3 } });
    expect(dataset).toMatchObject({ height: 32, width: 32, channels: 3 });
    expect(dataset.train.images.length).toBe(30 * 32 * 32 * 3);
    const first = (2 * 32 + 2) * 3;
    expect([...dataset.train.images.subarray(first, first + 6)]).toEqual([30, 30, 30, 37, 37, 37]);
    expect(dataset.mean).toHaveLength(3);
  });

  it('says where it looked when it is nowhere', async () => {
    const loading = loadFashionMnist(await options());
    await expect(loading).rejects.toThrow(DatasetUnavailable);
    await expect(loading).rejects.toThrow(join(place.folder, 'system'));
    expect(await lookForFashionMnist(await options())).toMatchObject({ found: false, problem: expect.any(String) });
  });

  it('refuses a folder without one of the files', async () => {
    const folder = join(place.folder, 'given');
    await writeFolder(folder);
    expect(await lookForFashionMnist(await options(folder))).toEqual({ found: true, where: folder });
    await rm(join(folder, 't10k-labels-idx1-ubyte'));
    const loading = loadFashionMnist(await options(folder));
    await expect(loading).rejects.toThrow(UserError);
    await expect(loading).rejects.toThrow(`${join(folder, 't10k-labels-idx1-ubyte')} is missing`);
    expect(await lookForFashionMnist(await options(folder))).toMatchObject({
      found: false,
      where: folder,
      problem: expect.stringContaining('t10k-labels-idx1-ubyte is missing'),
    });
  });

  it('refuses labels out of range and classes of uneven size', async () => {
    const folder = join(place.folder, 'given');
    await writeFolder(folder);
    const path = join(folder, 'train-labels-idx1-ubyte');
    await writeFile(
      path,
      idx([30], (at) => (at === 4 ? 10 : at % 10)),
    );
    await expect(loadFashionMnist(await options(folder))).rejects.toThrow(`${path} is damaged: record 4 has label 10`);
    await writeFile(
      path,
      idx([30], (at) => (at === 4 ? 5 : at % 10)),
    );
    await expect(loadFashionMnist(await options(folder))).rejects.toThrow('2 images of class 4 (coat), expected 3');
  });

  it('refuses images and labels that were exchanged', async () => {
    const folder = join(place.folder, 'given');
    await writeFolder(folder);
    const path = join(folder, 'train-images-idx3-ubyte');
    await rename(join(folder, 'train-labels-idx1-ubyte'), path);
    await writeFile(
      join(folder, 'train-labels-idx1-ubyte'),
      idx([30], (at) => at % 10),
    );
    await expect(loadFashionMnist(await options(folder))).rejects.toThrow(`${path} is not the IDX file expected`);
  });
});

const DEBIAN = '/usr/share/datasets/fashion-mnist';
describe('real Fashion-MNIST', () => {
  if (!existsSync(DEBIAN)) {
    it(`not checked here: there is no ${DEBIAN}, the synthetic folders above stand in`, async () => {
      const places = await dataPlaces({ environment: place.environment });
      expect(await lookForFashionMnist({ places })).toMatchObject({ found: false });
    });
    return;
  }
  it('has its class counts, first labels, and the statistics it is normalised by', async () => {
    const dataset = await loadFashionMnist({ places: await dataPlaces({ environment: place.environment }) });
    const { train, test } = dataset;
    expect(classCounts(train.labels, 10)).toEqual(new Array(10).fill(6000));
    expect(classCounts(test.labels, 10)).toEqual(new Array(10).fill(1000));
    expect([...train.labels.subarray(0, 5)]).toEqual([9, 0, 0, 3, 0]);
    expect([...test.labels.subarray(0, 5)]).toEqual([9, 2, 1, 1, 6]);
    const { mean, std } = measurePixels(train.images, 1);
    expect(dataset.mean).toEqual([Number(mean[0].toFixed(4))]);
    expect(dataset.std).toEqual([Number(std[0].toFixed(4))]);
  });
});
