import { indices, Tensor } from '../src/autograd/tensor.ts';
import type { StepOutcome } from '../src/inspect/diagnose/loss_log.ts';
import { randomInput } from '../src/inspect/ladder/random_input.ts';
import { CrossEntropyLoss } from '../src/nn/losses/cross_entropy.ts';
import type { ImageClassifier } from '../src/nn/models/image_classifier.ts';
import { createModel, type ModelName } from '../src/nn/models/index.ts';
import { Adam } from '../src/nn/optimizers/adam.ts';
import type { Gpu } from '../src/runtime/gpu.ts';
import type { Benchmark } from './benchmark.ts';

/** A network in training. */
export interface Training {
  model: ImageClassifier;
  optimizer: Adam;
  /** Forward, backward and Adam on one batch of random images, always the same. */
  step: () => void;
  /** The same, for whoever watches it. */
  watchedStep: () => StepOutcome;
}

/** A network in training on images 32×32. */
export function trainingStep(gpu: Gpu, batch: number, width: number, net: ModelName = 'custom-cnn'): Training {
  const model = createModel(gpu, net, { width });
  const optimizer = new Adam(model.parameters(), { weightDecay: 1e-4 });
  const criterion = new CrossEntropyLoss();
  const images = new Tensor(randomInput(gpu, batch * 32 * 32 * 3), [batch, 32, 32, 3]);
  const labels = indices(
    gpu,
    Array.from({ length: batch }, (_, i) => i % 10),
  );
  const watchedStep = () => {
    optimizer.zeroGrad();
    const logits = model.call(images);
    const loss = criterion.call(logits, labels);
    loss.backward();
    optimizer.step();
    return { loss, logits, labels };
  };
  return { model, optimizer, step: () => void watchedStep(), watchedStep };
}

const benchmark = (net: ModelName, batch: number, width: number, rungs: Benchmark['rungs']): Benchmark => ({
  name: 'training-step',
  shape: `${net} width ${width}, batch ${batch}`,
  rungs,
  prepare: (gpu) => trainingStep(gpu, batch, width, net).step,
});

/**
 * Whole training steps, at full size and at those of the lab's quick run, where most of the time goes into many small dispatches. The naive rung
 * takes many seconds a step on a software adapter, so it is held beside the fast ones for the small batch only.
 */
export const trainingStepBenchmarks: Benchmark[] = [
  benchmark('custom-cnn', 8, 1, ['naive', 'auto']),
  benchmark('custom-cnn', 32, 1, ['auto']),
  benchmark('custom-cnn', 32, 0.25, ['auto']),
  benchmark('custom-cnn', 32, 0.125, ['auto']),
  benchmark('custom-cnn', 16, 0.125, ['auto']),
  benchmark('resnet18', 16, 0.125, ['auto']),
  benchmark('efficientnet-b0', 32, 0.25, ['auto']),
  benchmark('resnet18', 32, 1, ['auto']),
  benchmark('efficientnet-b0', 32, 1, ['auto']),
];
