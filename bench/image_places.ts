import { BatchSource } from '../src/data/batch_source.ts';
import { CrossEntropyLoss } from '../src/nn/losses/cross_entropy.ts';
import { CustomCNN } from '../src/nn/models/custom_cnn.ts';
import { Adam } from '../src/nn/optimizers/adam.ts';
import type { DeviceLimits } from '../src/runtime/adapter.ts';
import type { Gpu } from '../src/runtime/gpu.ts';
import type { Benchmark } from './benchmark.ts';
import { noiseImages } from './noise_images.ts';

const COUNT = 10_000;
const SIDE = 32;
const BYTES = COUNT * SIDE * SIDE * 3;

/** Images of 32×32, put where limits send them that are lowered for it. */
function sourceAt(gpu: Gpu, { imageMemory, arrayBytes }: { imageMemory: number; arrayBytes: number }): BatchSource {
  const dataset = noiseImages(COUNT);
  const limits = gpu.limits as { -readonly [K in keyof DeviceLimits]: DeviceLimits[K] };
  const before = { imageMemory: gpu.imageMemory, arrayBytes: limits.arrayBytes };
  gpu.imageMemory = imageMemory;
  limits.arrayBytes = Math.min(arrayBytes, before.arrayBytes);
  const source = new BatchSource(gpu, dataset, dataset.train);
  gpu.imageMemory = before.imageMemory;
  limits.arrayBytes = before.arrayBytes;
  return source;
}

/** A training step of CustomCNN at width 1/8 with its batch put together and augmented. */
function prepare(gpu: Gpu, batch: number, limits: { imageMemory: number; arrayBytes: number }): () => void {
  const source = sourceAt(gpu, limits);
  const model = new CustomCNN(gpu, { width: 1 / 8 });
  const optimizer = new Adam(model.parameters());
  const criterion = new CrossEntropyLoss();
  let at = 0;
  return () => {
    const positions = Uint32Array.from({ length: batch }, (_, i) => (at + i * 617) % COUNT);
    at += batch;
    const { images, labels } = source.augmented(positions, { cropPadding: 4, flip: 0.5 });
    optimizer.zeroGrad();
    criterion.call(model.call(images), labels).backward();
    optimizer.step();
  };
}

const PLACES = [
  ['in one array', { imageMemory: BYTES, arrayBytes: Number.POSITIVE_INFINITY }],
  ['in four arrays', { imageMemory: BYTES, arrayBytes: BYTES / 4 }],
  ['on the host', { imageMemory: 0, arrayBytes: Number.POSITIVE_INFINITY }],
] as const;

/** What it costs where the images of a training lie: a step of a small network, which hides the least of it. */
export const imagePlacesBenchmarks: Benchmark[] = [16, 128].flatMap((batch) =>
  PLACES.map(([place, limits]) => ({
    name: 'image-places',
    shape: `10,000 images ${place}, batch ${batch}`,
    rungs: ['auto'] as const,
    prepare: (gpu: Gpu) => prepare(gpu, batch, limits),
  })),
);
