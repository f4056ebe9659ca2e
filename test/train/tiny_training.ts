import { createHash } from 'node:crypto';
import { BatchSource } from '../../src/data/batch_source.ts';
import type { ImageDataset, ImageSplit } from '../../src/data/image_dataset.ts';
import { CrossEntropyLoss } from '../../src/nn/losses/cross_entropy.ts';
import { CustomCNN } from '../../src/nn/models/custom_cnn.ts';
import { Adam } from '../../src/nn/optimizers/adam.ts';
import { downloadTensors } from '../../src/nn/weights/host_tensor.ts';
import { type Gpu, Philox } from '../../src/node.ts';
import type { Training, TrainingTask } from '../../src/train/training_task.ts';

const SIZE = 8;
const CLASSES = 4;
const CHANNELS = 3;

/** Images of 8×8 with three channels: noise, and a bright quarter whose place is the class. */
function quarters(count: number, seed: number): ImageSplit {
  const generator = new Philox(seed, 11);
  const labels = Uint8Array.from({ length: count }, (_, i) => i % CLASSES);
  const images = new Uint8Array(count * SIZE * SIZE * CHANNELS);
  for (let i = 0; i < images.length; i++) {
    const pixel = Math.floor(i / CHANNELS);
    const [x, y] = [pixel % SIZE, Math.floor(pixel / SIZE) % SIZE];
    const quarter = (x < SIZE / 2 ? 0 : 1) + (y < SIZE / 2 ? 0 : 2);
    const bright = quarter === labels[Math.floor(pixel / (SIZE * SIZE))];
    images[i] = generator.below(80) + (bright ? 150 : 0);
  }
  return { images, labels };
}

/** A dataset that a tiny network learns within seconds. */
export function tinyDataset(trainCount = 44, testCount = 20): ImageDataset {
  return {
    name: 'mnist',
    classNames: ['top left', 'top right', 'bottom left', 'bottom right'],
    height: SIZE,
    width: SIZE,
    channels: CHANNELS,
    train: quarters(trainCount, 1),
    test: quarters(testCount, 2),
    mean: [0.3, 0.3, 0.3],
    std: [0.25, 0.25, 0.25],
    source: 'made for a test',
  };
}

/** A training of CustomCNN at width 1/16 on it. Puts the device's generator back to its first state, as a new process has it. */
export function tinyTraining(
  gpu: Gpu,
  given: Partial<TrainingTask> & { modelSeed?: number; lr?: number; dropout?: number } = {},
): TrainingTask & { model: CustomCNN; optimizer: Adam } {
  const { modelSeed = 42, lr = 1e-3, dropout = 0.5, ...options } = given;
  gpu.generator = new Philox(42).state();
  const dataset = tinyDataset();
  const model = new CustomCNN(gpu, { width: 1 / 16, classes: CLASSES, imageSize: SIZE, seed: modelSeed, dropout });
  return {
    gpu,
    criterion: new CrossEntropyLoss(),
    source: new BatchSource(gpu, dataset, dataset.train),
    epochs: 3,
    batchSize: 16,
    seed: 42,
    augmentation: { cropPadding: 1, flip: 0.5 },
    ...options,
    model,
    optimizer: new Adam(model.parameters(), { lr, weightDecay: 1e-4 }),
  };
}

/** A signal that is aborted while step `step` (counted from 1, over all epochs) is put together. */
export function stopDuringStep(source: BatchSource, step: number): AbortSignal {
  const controller = new AbortController();
  const augmented = source.augmented.bind(source);
  let steps = 0;
  source.augmented = (...args) => {
    if (++steps === step) controller.abort();
    return augmented(...args);
  };
  return controller.signal;
}

/** All that a training leaves: of each tensor the hash of its bytes, the rest as it is. */
export async function outcome({ gpu, model, optimizer }: TrainingTask, { history }: Training) {
  const { tensors, scalars } = optimizer.stateDict();
  const state = await downloadTensors(
    new Map([...model.stateDict(), ...[...tensors].map(([name, t]) => [`optimizer.${name}`, t] as const)]),
  );
  const hash = (data: Float32Array) => createHash('sha256').update(new Uint8Array(data.buffer)).digest('hex');
  const hashes = Object.fromEntries([...state].map(([name, { data }]) => [name, hash(data)]));
  return { hashes, scalars, history, generator: gpu.generator };
}
