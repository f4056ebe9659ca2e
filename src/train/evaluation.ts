import { softmax } from '../autograd/ops/softmax.ts';
import type { BatchSource } from '../data/batch_source.ts';
import { type ClassificationMetrics, evaluateClassification, predictedClasses } from '../metrics/classification.ts';
import { type InferenceTask, inferRows } from './inference.ts';

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

/**
 * Runs the model in evaluation mode over all images of a source, in their order, and puts it back into the mode it was in.
 * Throws the signal's reason where it is aborted.
 */
export async function evaluate(task: InferenceTask): Promise<Evaluation> {
  const { model, source } = task;
  const { values } = await inferRows(task, (images) => softmax(model.call(images)));
  return evaluationOf(values, source);
}

/** The evaluation that probabilities [N, C] of images with these labels, in their order, come to. Throws RangeError where sizes do not fit. */
export function evaluationOf(
  probabilities: Float32Array,
  { labels: targets, classes }: Pick<BatchSource, 'labels' | 'classes'>,
): Evaluation {
  const metrics = evaluateClassification({ targets, probabilities, classes });
  return {
    loss: meanCrossEntropy(probabilities, targets, classes),
    metrics,
    predictions: predictedClasses(probabilities, classes).predictions,
    targets,
    probabilities,
  };
}

/** Mean of −log of the probability given to the true class, no smaller than the least float32 normal number. */
function meanCrossEntropy(probabilities: Float32Array, targets: Uint8Array, classes: number): number {
  let sum = 0;
  for (let i = 0; i < targets.length; i++)
    sum -= Math.log(Math.max(probabilities[i * classes + targets[i]], 2 ** -126));
  return sum / targets.length;
}
