import { BatchSource } from '../../../src/data/batch_source.ts';
import type { ImageDataset } from '../../../src/data/image_dataset.ts';
import { orderedBatches } from '../../../src/data/ordered_batches.ts';
import { shuffledSampler } from '../../../src/data/samplers/shuffled_sampler.ts';
import { loadDataset } from '../../../src/data/sources/load_dataset.ts';
import type { TrainingHistory } from '../../../src/inspect/diagnose/training_history.ts';
import { TrainingMonitor } from '../../../src/inspect/diagnose/training_monitor.ts';
import {
  BatchNorm2d,
  Conv2d,
  CrossEntropyLoss,
  Flatten,
  GlobalAvgPool2d,
  type Gpu,
  Linear,
  type Module,
  type Optimizer,
  Philox,
  ReLU,
  Sequential,
  SGD,
  scale,
} from '../../../src/node.ts';

/** A small network for images of digits, [N, 28, 28, 1], with first weights by a seed. */
export const NETWORKS = {
  /** Four convolutions without batch norm. */
  cnn: (gpu: Gpu, seed: number, between: () => Module = () => new ReLU()) => {
    const generator = new Philox(seed, 1);
    const conv = (from: number, to: number, stride = 1) =>
      new Conv2d(gpu, from, to, 3, { padding: 1, stride, generator });
    return new Sequential({
      ...{ conv1: conv(1, 8, 2), act1: between(), conv2: conv(8, 16, 2), act2: between() },
      ...{ conv3: conv(16, 16), act3: between(), conv4: conv(16, 16, 2), act4: between() },
      ...{ flatten: new Flatten(), fc: new Linear(gpu, 256, 10, { generator }) },
    });
  },
  /** Three linear layers. */
  mlp: (gpu: Gpu, seed: number, between: () => Module = () => new ReLU()) => {
    const generator = new Philox(seed, 2);
    const linear = (from: number, to: number) => new Linear(gpu, from, to, { generator });
    return new Sequential({
      ...{ flatten: new Flatten(), fc1: linear(784, 64), act1: between(), fc2: linear(64, 64), act2: between() },
      fc3: linear(64, 10),
    });
  },
  /** Three convolutions with batch norm. */
  norms: (gpu: Gpu, seed: number, between: () => Module = () => new ReLU()) => {
    const generator = new Philox(seed, 3);
    const conv = (from: number, to: number, stride: number) =>
      new Conv2d(gpu, from, to, 3, { padding: 1, stride, bias: false, generator });
    return new Sequential({
      ...{ conv1: conv(1, 8, 2), bn1: new BatchNorm2d(gpu, 8), act1: between() },
      ...{ conv2: conv(8, 16, 2), bn2: new BatchNorm2d(gpu, 16), act2: between() },
      ...{ conv3: conv(16, 16, 1), bn3: new BatchNorm2d(gpu, 16), act3: between() },
      ...{ pool: new GlobalAvgPool2d(), fc: new Linear(gpu, 16, 10, { generator }) },
    });
  },
} as const;

/** What a small training is made of, so that one part of it can be broken. */
export interface Parts {
  model: Module;
  optimizer?: Optimizer;
  /** Default: 0.05. */
  lr?: number;
  /** Of the images, to normalise by. */
  mean?: number;
  std?: number;
  /** Changes the labels. */
  labels?: (labels: Uint8Array | Uint32Array, generator: Philox) => Uint8Array;
  /** Default: yes. */
  zeroGrad?: boolean;
  /** Default: model.train(). */
  setMode?: (model: Module) => void;
  /** Factor of the loss. */
  factor?: number;
}

const BATCH = 32;
let digits: Promise<ImageDataset> | undefined;

/** Trains on digits and watches; returns what was seen. */
export async function watchTraining(
  gpu: Gpu,
  parts: Parts,
  { seed = 1, steps, onSample }: { seed?: number; steps: number; onSample?: (history: TrainingHistory) => void },
): Promise<TrainingHistory> {
  digits ??= loadDataset('mnist');
  const dataset = await digits;
  const { model, lr = 0.05, zeroGrad = true, factor = 1, setMode = (m) => m.train(), mean, std } = parts;
  const generator = new Philox(seed, 4);
  const labels = parts.labels?.(dataset.train.labels, generator) ?? dataset.train.labels;
  const form = { ...dataset, ...(mean !== undefined && { mean: [mean] }), ...(std !== undefined && { std: [std] }) };
  const source = new BatchSource(gpu, form, { ...dataset.train, labels });
  const optimizer = parts.optimizer ?? new SGD(model.parameters(), { lr, momentum: 0.9 });
  const criterion = new CrossEntropyLoss();
  setMode(model);
  const monitor = new TrainingMonitor(model, optimizer, { stepsPerEpoch: Math.floor(source.count / BATCH), onSample });
  const order = shuffledSampler({ labels: source.labels, seed })
    .epochOrder(0)
    .subarray(0, steps * BATCH);
  for (const indices of orderedBatches(order, { batchSize: BATCH })) {
    monitor.step(() => {
      const batch = source.plain(indices);
      if (zeroGrad) optimizer.zeroGrad();
      const logits = model.call(batch.images);
      const mean = criterion.call(logits, batch.labels);
      const loss = factor === 1 ? mean : scale(mean, factor);
      loss.backward();
      optimizer.step();
      return { loss, logits, labels: batch.labels };
    });
    await gpu.submittedWorkDone();
  }
  return monitor.finish();
}
