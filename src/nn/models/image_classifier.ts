import type { Shape, Tensor } from '../../autograd/tensor.ts';
import { Module } from '../module.ts';
import { formatSummary, summarize } from '../summary.ts';

/** A network from images [N, H, W, C] to logits [N, classes]. */
export abstract class ImageClassifier extends Module {
  abstract readonly classes: number;
  /** [H, W, C] of the images it is described for; others may do as well. */
  abstract readonly imageShape: Shape;

  /** What the last layers decide by: [N, H, W, C] → [N, features]. */
  abstract extractFeatures(images: Tensor): Tensor;

  /** A table of its layers with output shapes, parameters and FLOPs. */
  override toString(): string {
    return formatSummary(summarize(this, [1, ...this.imageShape]));
  }
}
