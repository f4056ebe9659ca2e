import { softmax } from '../autograd/ops/softmax.ts';
import type { BatchSource } from '../data/batch_source.ts';
import { type ClassificationMetrics, evaluateClassification, predictedClasses } from '../metrics/classification.ts';
import { UserError } from '../runtime/errors.ts';
import { type InferenceTask, inferRows } from './inference.ts';

/** How a model did on a set of images: the metrics, and what they were computed from. */
export interface Evaluation {
  /** Mean cross-entropy. */
  loss: number;
  metrics: ClassificationMetrics;
  /** [N] class predicted for each image. */
  predictions: Uint32Array;
  targets: Uint32Array;
  /** [N, C] */
  probabilities: Float32Array;
}

/** A network whose output is no number: nothing can be said of how it does. */
export class NonFiniteOutput extends UserError {
  override readonly name = 'NonFiniteOutput';
  /** What is wrong, as the end of a sentence. */
  readonly clause: string;

  constructor(image: number, value: number) {
    const clause = `the network gives image ${image} a probability of ${value}`;
    super(`Of the images evaluated ${clause}: its weights are not usable.`);
    this.clause = clause;
  }
}

/**
 * Runs the model in evaluation mode over all images of a source, in their order, and puts it back into the mode it was in.
 * Throws the signal's reason where it is aborted, and NonFiniteOutput for a network that gives a NaN or an infinity.
 */
export async function evaluate(task: InferenceTask): Promise<Evaluation> {
  const { model, source } = task;
  const { values, columns } = await inferRows(task, (images) => softmax(model.call(images)));
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new NonFiniteOutput(Math.floor(bad / columns), values[bad]);
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
function meanCrossEntropy(probabilities: Float32Array, targets: ArrayLike<number>, classes: number): number {
  let sum = 0;
  for (let i = 0; i < targets.length; i++)
    sum -= Math.log(Math.max(probabilities[i * classes + targets[i]], 2 ** -126));
  return sum / targets.length;
}
