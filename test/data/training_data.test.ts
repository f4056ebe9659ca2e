import { describe, expect, it } from 'vitest';
import { classCounts } from '../../src/data/class_counts.ts';
import type { ImageDataset } from '../../src/data/image_dataset.ts';
import { type LongTailedDataOptions, longTailedData } from '../../src/data/training_data.ts';
import { useGpu } from '../gpu.ts';
import { tinyDataset } from '../train/tiny_training.ts';

const held = useGpu();
const OPTIONS = { maxPerClass: null, imbalance: null, testPerClass: null, seed: 5 };
const dataOf = (dataset: ImageDataset, options: Partial<LongTailedDataOptions> = {}) =>
  longTailedData(held.gpu, dataset, { ...OPTIONS, ...options });

/** The tiny set without some of its last images, so that its classes are of several sizes: of training 12, 11, 8, 1. */
function uneven(): ImageDataset {
  const dataset = tinyDataset(48, 20);
  const kept = [12, 11, 8, 1];
  const seen = [0, 0, 0, 0];
  const positions = [...dataset.train.labels.keys()].filter(
    (i) => seen[dataset.train.labels[i]]++ < kept[dataset.train.labels[i]],
  );
  const each = 8 * 8 * 3;
  const images = Uint8Array.from(
    positions.flatMap((at) => [...dataset.train.images.subarray(at * each, (at + 1) * each)]),
  );
  return {
    ...dataset,
    natural: true,
    train: { images, labels: Uint8Array.from(positions, (at) => dataset.train.labels[at]) },
  };
}

describe('longTailedData', () => {
  it('takes the classes as they are where no imbalance is asked for', () => {
    const data = dataOf(uneven());
    expect(data.counts).toEqual([12, 11, 8, 1]);
    expect(data.tail).toMatchObject({ measuredRatio: 12, notes: [] });
    expect(data.testIsImbalanced).toBe(false);
    expect(data.test.count).toBe(20);
  });

  it('scales them down together, and the test images too', () => {
    const dataset = uneven();
    const test = { images: dataset.test.images.subarray(0, 18 * 192), labels: dataset.test.labels.subarray(0, 18) };
    const data = dataOf({ ...dataset, test }, { maxPerClass: 6, testPerClass: 2 });
    // 6 · (12, 11, 8, 1) / 12, each at least 1.
    expect(data.counts).toEqual([6, 6, 4, 1]);
    expect(data.testIsImbalanced).toBe(false);
    expect(classCounts(data.test.labels, 4)).toEqual([2, 2, 2, 2]);
    const all = dataOf({ ...dataset, test });
    expect(classCounts(all.test.labels, 4)).toEqual([5, 5, 4, 4]);
    expect(all.testIsImbalanced).toBe(true);
  });

  it('is known by its images, its labels and the changes that they bear', () => {
    const dataset = uneven();
    const identity = (change: Partial<ImageDataset> = {}, options: Partial<LongTailedDataOptions> = {}) =>
      dataOf({ ...dataset, ...change }, options).identity;
    const { labels } = dataset.train;
    const others = [
      identity(),
      identity({}, { maxPerClass: 6 }),
      identity({}, { testPerClass: 1 }),
      identity({ keeps: { mirror: false, rotation: true, colour: true } }),
      identity({ train: { ...dataset.train, labels: labels.map((label) => label ^ 1) } }),
      identity({
        train: { ...dataset.train, labels: Uint32Array.from(labels, (label) => label + 256) },
        classNames: Array(260).fill('c'),
      }),
      identity({ train: { ...dataset.train, digest: 'a' } }),
      identity({ train: { ...dataset.train, digest: 'b' } }),
      identity({ validation: dataset.test }),
    ];
    expect(new Set(others).size).toBe(others.length);
    expect(identity()).toBe(others[0]);
  });

  it('holds a share of each class out, which is no longer trained on', () => {
    const data = dataOf(uneven());
    const parted = data.withValidation!(0.25);
    expect(parted.counts).toEqual([9, 8, 6, 1]);
    expect(classCounts(parted.validation!.labels, 4)).toEqual([3, 3, 2, 0]);
    expect(parted.train.count).toBe(24);
    expect(parted.test).toBe(data.test);
    expect(data.withValidation!(0.25)).toBe(parted);
    expect(data.withValidation!(0.5)).not.toBe(parted);
    expect(data.validation).toBeUndefined();
    expect(parted.identity).not.toBe(data.identity);
    // Filled up from what is trained on alone.
    expect(classCounts(parted.smote!().labels, 4)).toEqual([9, 9, 9, 9]);
  });

  it('takes the validation images that a set brings', () => {
    const dataset = uneven();
    expect(() => dataOf(dataset).withValidation!('own')).toThrow('brings no validation images of its own');
    const data = dataOf({ ...dataset, validation: dataset.test });
    const parted = data.withValidation!('own');
    expect(parted.counts).toEqual(data.counts);
    expect(parted.validation!.count).toBe(20);
  });

  it('refuses to hold out of single images', () => {
    const dataset = tinyDataset(4, 4);
    expect(() => dataOf(dataset).withValidation!(0.5)).toThrow('There is one training image of each class');
  });
});
