import { firstOfEachClass } from '../../data/first_of_each_class.ts';
import type { ImageClassifier } from '../../nn/models/image_classifier.ts';
import { type InferenceTask, inferRows } from '../../train/inference.ts';

/** What a model's last layers decide by, for some images. */
export interface Features {
  /** [N, D], a row for each image. */
  values: Float32Array;
  /** D. */
  dimensions: number;
  /** [N] true classes. */
  labels: Uint32Array;
  /** [N] where the images stand in their source, ascending. */
  positions: Uint32Array;
}

/** Whose features of which images are wanted. */
export interface FeatureTask extends InferenceTask {
  model: ImageClassifier;
  /** Images at most, as many of each class; where it is no multiple of the classes, rounded down to one. Default 2,000. */
  most?: number;
}

/**
 * Penultimate features of a source's images: `model.extractFeatures` in evaluation mode.
 *
 * @throws RangeError where `most` is less than one image of each class; the signal's reason where it is aborted.
 */
export async function extractFeatures(task: FeatureTask): Promise<Features> {
  const { model, source, most = 2000 } = task;
  const perClass = Math.floor(most / source.classes);
  if (!(perClass >= 1)) {
    throw new RangeError(
      `extractFeatures: at most ${most} images of ${source.classes} classes, expected one of each or more.`,
    );
  }
  const positions = firstOfEachClass(source.labels, source.count <= most ? null : perClass);
  const { values, columns } = await inferRows(task, (images) => model.extractFeatures(images), positions);
  return { values, dimensions: columns, labels: Uint32Array.from(positions, (at) => source.labels[at]), positions };
}
