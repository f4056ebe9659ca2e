import { indices, Tensor } from '../../autograd/tensor.ts';
import { CrossEntropyLoss } from '../../nn/losses/cross_entropy.ts';
import type { ImageClassifier } from '../../nn/models/image_classifier.ts';
import { createModel, type ModelName } from '../../nn/models/index.ts';
import { Adam } from '../../nn/optimizers/adam.ts';
import type { Gpu } from '../../runtime/gpu.ts';
import { stepOnBatch } from '../../train/training_step.ts';
import type { StepOutcome } from '../diagnose/loss_log.ts';
import { randomInput } from '../ladder/random_input.ts';

/** A network in training. */
export interface NetworkTraining {
  model: ImageClassifier;
  optimizer: Adam;
  /** Forward, backward and Adam on one batch of random images, always the same. */
  step: () => void;
  /** The same, for whoever watches it. */
  watchedStep: () => StepOutcome;
}

/** A network in training on images 32×32. */
export function networkTraining(
  gpu: Gpu,
  batch: number,
  width: number,
  net: ModelName = 'custom-cnn',
): NetworkTraining {
  const model = createModel(gpu, net, { width });
  const optimizer = new Adam(model.parameters(), { weightDecay: 1e-4 });
  const criterion = new CrossEntropyLoss();
  const images = new Tensor(randomInput(gpu, batch * 32 * 32 * 3), [batch, 32, 32, 3]);
  const labels = indices(
    gpu,
    Array.from({ length: batch }, (_, i) => i % 10),
  );
  const watchedStep = () => stepOnBatch({ model, optimizer, criterion }, { images, labels });
  return { model, optimizer, step: () => void watchedStep(), watchedStep };
}
