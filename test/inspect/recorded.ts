import type { Batch } from '../../src/data/batch_source.ts';
import { recordStep } from '../../src/inspect/record_step.ts';
import type { Module } from '../../src/nn/module.ts';
import type { Optimizer } from '../../src/nn/optimizers/optimizer.ts';
import { CrossEntropyLoss, type Gpu, indices, Philox } from '../../src/node.ts';
import { trainingStep } from '../../src/train/training_step.ts';
import type { TrainingTask } from '../../src/train/training_task.ts';
import { randomTensor } from '../gpu.ts';

/** A training on the same few random images in each step. */
export function smallTask(
  gpu: Gpu,
  model: Module,
  optimizer: Optimizer,
  shape: readonly [number, number, number, number],
): TrainingTask {
  gpu.generator = new Philox(42).state();
  model.train();
  const labels = Array.from({ length: shape[0] }, (_, n) => n % 3);
  const source = {
    augmented: (): Batch => {
      // A random number each time, as an augmentation takes one.
      gpu.takeRandom();
      return { images: randomTensor(gpu, shape, 5), labels: indices(gpu, labels) };
    },
  };
  return {
    ...{ gpu, model, optimizer, criterion: new CrossEntropyLoss(), source, augmentation: {} },
    ...{ epochs: 1, batchSize: shape[0], seed: 42 },
  } as unknown as TrainingTask;
}

/** One step of it, recorded. */
export function recorded({ gpu, model, optimizer, ...task }: TrainingTask) {
  const whole = { gpu, model, optimizer, ...task };
  return recordStep({
    ...{ gpu, model, optimizer },
    step: (begins) => trainingStep(whole, new Uint32Array(0), 0, undefined, begins),
  });
}
