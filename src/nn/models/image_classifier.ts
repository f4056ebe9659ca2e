import type { Shape, Tensor } from '../../autograd/tensor.ts';
import type { CosineLinearOptions } from '../layers/cosine_linear.ts';
import { Module } from '../module.ts';
import { formatSummary, summarize } from '../summary.ts';

/** What a network's last layer can be. */
export const CLASSIFIERS = ['linear', 'cosine'] as const;
/** The forms of a network: for small images, and for large ones. */
export const FORMS = ['cifar', 'imagenet'] as const;
/** A form of a network; see `ClassifierOptions.form`. */
export type NetworkForm = (typeof FORMS)[number];

/** What every network for images can be made with. */
export interface ClassifierOptions {
  /** Scales the channels of every layer; they are rounded to multiples of 4. Default 1. */
  width?: number;
  /** Default 10. */
  classes?: number;
  /** Of the images. Default 3. */
  channels?: number;
  /** Seed of the first weights. Default 42. */
  seed?: number;
  /** Probability that dropout sets an element to 0, in networks that have it; the default is the network's own. */
  dropout?: number;
  /** Stochastic depth: the probability of skipping the last block; it falls to 0 towards the first one. The default is the network's own. */
  stochasticDepth?: number;
  /** Height and width of the images it is described for. Default 32; 224 in ImageNet form. */
  imageSize?: number;
  /**
   * Of the networks that have two forms, ResNet-18 and 34: 'imagenet' opens with a convolution 7×7 of stride 2 and a max pool 3×3 of stride 2, for large
   * images; 'cifar' with a convolution 3×3 of stride 1, for small ones. All else is the same. Default 'cifar'.
   */
  form?: NetworkForm;
  /** What gives the logits: a linear layer, or the cosines of `CosineLinear`. Default 'linear'. */
  classifier?: (typeof CLASSIFIERS)[number];
  /** Factor of the cosines. Default: as `CosineLinear`'s. */
  classifierScale?: CosineLinearOptions['scale'];
}

/** A network as one whose features can be looked at. Throws TypeError for another. */
export function asImageClassifier(model: Module): ImageClassifier {
  if (model instanceof ImageClassifier) return model;
  throw new TypeError(`A ${model.constructor.name} is no ImageClassifier, so it has no features to look at.`);
}

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
