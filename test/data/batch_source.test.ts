import { describe, expect, it } from 'vitest';
import { type Augmentation, BatchSource } from '../../src/data/batch_source.ts';
import { evaluationOf } from '../../src/train/evaluation.ts';
import { useGpu } from '../gpu.ts';
import { tinyDataset } from '../train/tiny_training.ts';

const held = useGpu();
const dataset = tinyDataset();
const each = dataset.height * dataset.width * dataset.channels;

/** An image of the dataset's training split, normalised in float64. */
function normalised(position: number): number[] {
  return Array.from(dataset.train.images.subarray(position * each, (position + 1) * each), (byte, i) => {
    const channel = i % dataset.channels;
    return (byte / 255 - dataset.mean[channel]) / dataset.std[channel];
  });
}

/** Largest difference; values are up to 3, so float32 rounds by about 2e-7. */
function difference(actual: ArrayLike<number>, expected: readonly number[]): number {
  return Math.max(...expected.map((value, i) => Math.abs(value - actual[i])));
}

describe('BatchSource', () => {
  it('puts plain batches together in the order of the indices, normalised', async () => {
    const source = new BatchSource(held.gpu, dataset, dataset.train);
    const { images, labels } = source.plain(Uint32Array.of(5, 0, 43));
    expect(images.shape).toEqual([3, 8, 8, 3]);
    expect([...(await labels.data())]).toEqual([5, 0, 43].map((i) => dataset.train.labels[i]));
    expect(difference(await images.data(), [5, 0, 43].flatMap(normalised))).toBeLessThan(1e-6);
    expect([source.count, source.classes]).toEqual([44, 4]);
  });

  it('holds only the images at the positions given, in their order', async () => {
    const source = new BatchSource(held.gpu, dataset, dataset.train, Uint32Array.of(30, 7));
    expect(source.count).toBe(2);
    expect([...source.labels]).toEqual([dataset.train.labels[30], dataset.train.labels[7]]);
    const { images, labels } = source.plain(Uint32Array.of(1, 0));
    expect(difference(await images.data(), [7, 30].flatMap(normalised))).toBeLessThan(1e-6);
    expect([...(await labels.data())]).toEqual([dataset.train.labels[7], dataset.train.labels[30]]);
  });

  it('gives the bytes of images back', async () => {
    const source = new BatchSource(held.gpu, dataset, dataset.train);
    const bytes = [5, 0, 43].flatMap((i) => [...dataset.train.images.subarray(i * each, (i + 1) * each)]);
    expect([...(await source.pixels(Uint32Array.of(5, 0, 43)))]).toEqual(bytes);
  });

  it('draws augmented batches from the generator, plain ones without it', async () => {
    const { gpu } = held;
    const source = new BatchSource(gpu, dataset, dataset.train);
    const indices = Uint32Array.from({ length: 16 }, (_, i) => i);
    const start = { seed: 42, stream: 0, offset: 100 };
    const draw = async () => source.augmented(indices, { cropPadding: 2, flip: 0.5 }).images.data();
    gpu.generator = start;
    const first = await draw();
    const second = await draw();
    gpu.generator = start;
    source.plain(indices);
    expect(gpu.generator).toEqual(start);
    expect(await draw()).toEqual(first);
    expect(second).not.toEqual(first);
    expect(difference(first, [...indices].flatMap(normalised))).toBeGreaterThan(0.5);
  });

  it('flips every image at probability 1 and crops none without padding', async () => {
    const source = new BatchSource(held.gpu, dataset, dataset.train);
    const { images } = source.augmented(Uint32Array.of(9), { cropPadding: 0, flip: 1 });
    const { width, channels } = dataset;
    const flipped = normalised(9).map((_, i, all) => {
      const [pixel, channel] = [Math.floor(i / channels), i % channels];
      const x = pixel % width;
      return all[(pixel - x + (width - 1 - x)) * channels + channel];
    });
    expect(difference(await images.data(), flipped)).toBeLessThan(1e-6);
  });

  it('transforms by class, or all classes alike', async () => {
    const { gpu } = held;
    const source = new BatchSource(gpu, dataset, dataset.train);
    // Classes 1 and 0: a square larger than the image covers all of it.
    const indices = Uint32Array.of(1, 0);
    const cut = async (augmentation: Augmentation) => [
      ...(await source.augmented(indices, augmentation).images.data()),
    ];
    expect(await cut({ cutout: 17 })).toEqual(new Array(2 * each).fill(0));
    const oneClass = await cut({ cutout: 17, perClass: [{}, { cutout: 17 }, {}, {}] });
    expect(oneClass.slice(0, each)).toEqual(new Array(each).fill(0));
    expect(difference(oneClass.slice(each), normalised(0))).toBeLessThan(1e-6);
  });

  it.each(['mixup', 'cutmix'] as const)('mixes images, and targets in the same shares: %s', async (kind) => {
    const { gpu } = held;
    const source = new BatchSource(gpu, dataset, dataset.train);
    const indices = Uint32Array.from({ length: 12 }, (_, i) => 3 * i);
    const start = { seed: 42, stream: 0, offset: 7 };
    const draw = async () => {
      gpu.generator = start;
      const batch = source.augmented(indices, { mix: { kind, alpha: 1 } });
      const targets = [...(await batch.softTargets!.data())];
      return { images: await batch.images.data(), targets, labels: [...(await batch.labels.data())] };
    };
    const { images, targets, labels } = await draw();
    expect(labels).toEqual([...indices].map((position) => dataset.train.labels[position]));
    expect((await draw()).images).toEqual(images);
    // Where an image and its partner are of two classes, its share of λ is read off the targets, and must explain the image.
    const own = [...indices].map(normalised);
    let told = 0;
    labels.forEach((label, b) => {
      const row = targets.slice(4 * b, 4 * b + 4);
      expect(row.reduce((sum, value) => sum + value)).toBeCloseTo(1, 6);
      if (row[label] > 0.999) return;
      const other = row.findIndex((value, c) => value > 0 && c !== label);
      const image = [...images.subarray(b * each, (b + 1) * each)];
      const fits = own.some((candidate, p) => {
        if (labels[p] !== other) return false;
        if (kind === 'mixup')
          return (
            difference(
              image,
              own[b].map((value, i) => row[label] * value + (1 - row[label]) * candidate[i]),
            ) < 2e-6
          );
        const kept = image.filter((value, i) => Math.abs(value - own[b][i]) < 1e-6).length;
        const taken = image.every(
          (value, i) => Math.min(Math.abs(value - own[b][i]), Math.abs(value - candidate[i])) < 1e-6,
        );
        // The share outside the box, and pixels inside that happen to be equal in both.
        return taken && kept / each >= row[label] - 1e-6 && kept / each < row[label] + 0.05;
      });
      expect(fits).toBe(true);
      told++;
    });
    expect(told).toBeGreaterThan(4);
  });

  it('tells more classes apart than a byte can, in batches and in scores', async () => {
    const classes = 700;
    const labels = Uint32Array.from({ length: classes }, (_, i) => classes - 1 - i);
    const many = { ...dataset, classNames: Array.from(labels, String) };
    const images = new Uint8Array(classes * each);
    const source = new BatchSource(held.gpu, many, { images, labels });
    expect([...(await source.plain(Uint32Array.of(0, 699, 300)).labels.data())]).toEqual([699, 0, 399]);
    const probabilities = new Float32Array(classes * classes);
    for (const [i, label] of labels.entries()) probabilities[i * classes + label] = 1;
    const { metrics, predictions } = evaluationOf(probabilities, source);
    expect([...predictions]).toEqual([...labels]);
    expect(metrics).toMatchObject({ accuracy: 1, samples: 700 });
    expect(metrics.confusion[699][699]).toBe(1);
  });
});
