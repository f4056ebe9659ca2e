import { softmax } from '../../autograd/ops/softmax.ts';
import { noGrad } from '../../autograd/tape.ts';
import type { Gpu } from '../../kernels/gpu.ts';
import type { Module } from '../../nn/module.ts';
import { epochBatches } from '../data/epoch_batches.ts';
import { type ClassificationMetrics, evaluateClassification, predictedClasses } from '../metrics/classification.ts';
import type { BatchSource } from './batch_source.ts';
import { FlowControl } from './flow_control.ts';

/** How a model did on a set of images: the metrics, and what they were computed from. */
export interface Evaluation {
  /** Mean cross-entropy. */
  loss: number;
  metrics: ClassificationMetrics;
  /** [N] class predicted for each image. */
  predictions: Uint8Array;
  targets: Uint8Array;
  /** [N, C] */
  probabilities: Float32Array;
}

export interface EvaluationTask {
  gpu: Gpu;
  model: Module;
  source: BatchSource;
  batchSize: number;
  onProgress?: (done: number, total: number) => void;
  signal?: AbortSignal;
}

/**
 * Runs the model in evaluation mode over all images of a source, in their order, and puts it back into the mode it was in.
 * Throws the signal's reason where it is aborted.
 */
export async function evaluate(task: EvaluationTask): Promise<Evaluation> {
  const { model, source } = task;
  const { classes } = source;
  const modes = model.namedModules().map(([, module]) => [module, module.training] as const);
  model.eval();
  let probabilities: Float32Array;
  try {
    probabilities = await classProbabilities(task);
  } finally {
    for (const [module, training] of modes) module.training = training;
  }
  const targets = source.labels;
  const metrics = evaluateClassification({ targets, probabilities, classes });
  return {
    loss: meanCrossEntropy(probabilities, targets, classes),
    metrics,
    predictions: predictedClasses(probabilities, classes).predictions,
    targets,
    probabilities,
  };
}

/** Softmax of the model's logits, [N, C]. Batches are read back while later ones are computed. */
async function classProbabilities(task: EvaluationTask): Promise<Float32Array> {
  const { gpu, model, source, batchSize, onProgress, signal } = task;
  const { classes, count } = source;
  const probabilities = new Float32Array(count * classes);
  const flow = new FlowControl(gpu);
  const reads: Promise<void>[] = [];
  let done = 0;
  try {
    for (const indices of epochBatches({ count, batchSize, seed: 0, epoch: 0, shuffle: false })) {
      signal?.throwIfAborted();
      const first = done;
      const batch = gpu.scope(() => noGrad(() => softmax(model.call(source.plain(indices).images))));
      reads.push(
        batch.data().then((values) => {
          probabilities.set(values, first * classes);
          batch.buffer.release();
        }),
      );
      done += indices.length;
      await flow.step();
      onProgress?.(done, count);
    }
  } finally {
    // Also on the way out by an error: a read that fails later would fail unheard.
    await Promise.allSettled(reads);
  }
  await Promise.all(reads);
  return probabilities;
}

/** Mean of −log of the probability given to the true class, no smaller than the least float32 normal number. */
function meanCrossEntropy(probabilities: Float32Array, targets: Uint8Array, classes: number): number {
  let sum = 0;
  for (let i = 0; i < targets.length; i++)
    sum -= Math.log(Math.max(probabilities[i * classes + targets[i]], 2 ** -126));
  return sum / targets.length;
}
