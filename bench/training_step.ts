import { indices, Tensor } from '../src/autograd/tensor.ts';
import type { Gpu } from '../src/kernels/gpu.ts';
import { CrossEntropyLoss } from '../src/nn/losses/cross_entropy.ts';
import { CustomCNN } from '../src/nn/models/custom_cnn.ts';
import { Adam } from '../src/nn/optimizers/adam.ts';
import type { Benchmark } from './benchmark.ts';
import { randomInput } from './random_input.ts';

/** A network in training. */
export interface Training {
  model: CustomCNN;
  optimizer: Adam;
  /** Forward, backward and Adam on one batch of random images, always the same. */
  step: () => void;
}

/** CustomCNN in training. */
export function trainingStep(gpu: Gpu, batch: number, width: number): Training {
  const model = new CustomCNN(gpu, { width });
  const optimizer = new Adam(model.parameters(), { weightDecay: 1e-4 });
  const criterion = new CrossEntropyLoss();
  const images = new Tensor(randomInput(gpu, batch * 32 * 32 * 3), [batch, 32, 32, 3]);
  const labels = indices(
    gpu,
    Array.from({ length: batch }, (_, i) => i % 10),
  );
  const step = () => {
    optimizer.zeroGrad();
    criterion.call(model.call(images), labels).backward();
    optimizer.step();
  };
  return { model, optimizer, step };
}

const benchmark = (batch: number, rungs: Benchmark['rungs']): Benchmark => ({
  name: 'training-step',
  shape: `CustomCNN width 1, batch ${batch}`,
  rungs,
  prepare: (gpu) => trainingStep(gpu, batch, 1).step,
});

/** The naive rung takes many seconds a step on a software adapter, so it is held beside the fast ones for the small batch only. */
export const trainingStepBenchmarks: Benchmark[] = [benchmark(8, ['naive', 'auto']), benchmark(32, ['auto'])];
