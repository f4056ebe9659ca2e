import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BatchSource } from '../../src/data/batch_source.ts';
import type { ImageDataset } from '../../src/data/image_dataset.ts';
import { loadDataset } from '../../src/data/sources/load_dataset.ts';
import {
  Adam,
  CrossEntropyLoss,
  createModel,
  EfficientNetB0,
  type Gpu,
  type ImageClassifier,
  type ModelName,
  noGrad,
  openDevice,
} from '../../src/node.ts';
import { allOf } from '../data/all_of.ts';

// New memory is not poisoned here: that would double the dispatches, and other tests do it.
let gpu: Gpu;
beforeAll(async () => {
  gpu = await openDevice({ seed: 42 });
});
afterAll(() => gpu.close());

const IMAGES = 64;
/** Of one batch with all images; two or three times as many as were needed. */
const MOST_STEPS = 120;
const STEPS_BETWEEN_LOOKS = 5;
/** On two cores that others use too. */
const TIMEOUT = 600_000;

/** The first training images, of CIFAR-10 where it is at hand, else of MNIST, which the program brings along. */
async function realImages(): Promise<ImageDataset> {
  const data = process.env.WGRAD_DATA;
  if (data && existsSync(join(data, 'cifar-10-batches-bin'))) return loadDataset('cifar10', { dataDir: data });
  console.warn(
    'The networks learn digits of MNIST by heart, not images of CIFAR-10: WGRAD_DATA names no folder with it.',
  );
  return loadDataset('mnist');
}

/** The first images alone, at half their height and width where asked, each pixel the mean of four. */
function firstImages(dataset: ImageDataset, halved: boolean): ImageDataset {
  const { height, channels, train } = dataset;
  const labels = train.labels.slice(0, IMAGES);
  if (!halved)
    return { ...dataset, train: { images: train.images.subarray(0, IMAGES * height * height * channels), labels } };
  const size = height / 2;
  const all = allOf(train);
  const images = Uint8Array.from({ length: IMAGES * size * size * channels }, (_, i) => {
    const [c, x, row] = [i % channels, Math.floor(i / channels) % size, Math.floor(i / channels / size)];
    // Rows of all images, one below the other.
    const pixel = (dy: number, dx: number) => all[((2 * row + dy) * height + 2 * x + dx) * channels + c];
    return Math.round((pixel(0, 0) + pixel(0, 1) + pixel(1, 0) + pixel(1, 1)) / 4);
  });
  return { ...dataset, height: size, width: size, train: { images, labels } };
}

/** Share of the images that are right in training mode, by the batch's own statistics: the running ones lag far behind after so few steps. */
async function accuracy(gpu: Gpu, model: ImageClassifier, source: BatchSource, all: Uint32Array): Promise<number> {
  const logits = await gpu.scope(() => noGrad(() => model.call(source.plain(all).images)).data());
  const right = Array.from(source.labels).filter((label, n) => {
    const row = logits.subarray(n * model.classes, (n + 1) * model.classes);
    return row.every((value, c) => c === label || value < row[label]);
  });
  return right.length / source.count;
}

describe('64 real images are learnt by heart', () => {
  it.each<{ name: ModelName; width: number; halved: boolean }>([
    { name: 'custom-cnn', width: 1 / 8, halved: true },
    { name: 'resnet18', width: 1 / 16, halved: true },
    { name: 'resnet20', width: 1 / 4, halved: true },
    { name: 'resnet32', width: 1 / 4, halved: true },
    { name: 'resnet56', width: 1 / 4, halved: true },
    { name: 'efficientnet-b0', width: 1 / 8, halved: true },
  ])(
    'by $name',
    async ({ name, width, halved }) => {
      const dataset = firstImages(await realImages(), halved);
      const { height: imageSize, channels } = dataset;
      const source = new BatchSource(gpu, dataset, dataset.train);
      const all = Uint32Array.from({ length: IMAGES }, (_, i) => i);
      const options = { width, dropout: 0, stochasticDepth: 0, imageSize, channels };
      const model = name === 'efficientnet-b0' ? new EfficientNetB0(gpu, options) : createModel(gpu, name, options);
      const optimizer = new Adam(model.parameters(), { lr: 0.01 });
      const criterion = new CrossEntropyLoss();
      let reached = await accuracy(gpu, model, source, all);
      expect(reached).toBeLessThan(0.5);
      for (let step = 1; step <= MOST_STEPS && reached <= 0.99; step++) {
        gpu.scope(() => {
          const { images, labels } = source.plain(all);
          optimizer.zeroGrad();
          criterion.call(model.call(images), labels).backward();
          optimizer.step();
        });
        if (step % STEPS_BETWEEN_LOOKS === 0) reached = await accuracy(gpu, model, source, all);
      }
      expect(reached).toBeGreaterThan(0.99);
    },
    TIMEOUT,
  );
});
