import { outerLayers } from '../models/outer_layers.ts';
import type { Module } from '../module.ts';
import { loadWeights } from './load_weights.ts';
import type { Weights } from './read_weights.ts';
import { SMALL_KERNEL, shrinkKernel } from './shrink_kernel.ts';

/**
 * Copies weights that were trained on other images and classes into a model, to train on from there: published ones of torchvision's ResNet-18, ResNet-34
 * and EfficientNet-B0 load as they are. Where the classes are not as many, or the weights have no last layer, the model's last linear layer keeps its
 * first values; where the first convolution has a larger kernel than the model's 3×3, it is made smaller (see `shrinkKernel`).
 *
 * otherClasses: the last layer keeps its first values although the classes may be as many.
 *
 * Returns what was changed, a sentence each. Throws StateDictError, the model untouched, where any other name or shape does not fit.
 */
export function loadPretrained(
  model: Module,
  weights: Weights,
  { otherClasses = false }: { otherClasses?: boolean } = {},
): string[] {
  const { first, last } = outerLayers(model);
  const adapted: Weights = new Map(weights);
  const notices: string[] = [];
  const kernel = weights.get(`${first[0]}.weight`);
  const [own] = first[1].kernelSize;
  if (
    kernel?.shape.length === 4 &&
    kernel.shape[2] === kernel.shape[3] &&
    kernel.shape[2] > own &&
    own === SMALL_KERNEL
  ) {
    adapted.set(`${first[0]}.weight`, shrinkKernel(kernel));
    notices.push(`The kernel of ${first[0]} was made 3×3, from ${kernel.shape[2]}×${kernel.shape[3]}.`);
  }
  const classes = weights.get(`${last[0]}.weight`)?.shape[0];
  const [, ownClasses] = last[1].weight.shape;
  const isOther = otherClasses || classes !== ownClasses;
  if (isOther) {
    const whose =
      classes === undefined
        ? 'the weights have none'
        : classes === ownClasses
          ? 'the weights are for other classes'
          : `the weights are for ${classes} classes, the network for ${ownClasses}`;
    notices.push(`The last layer, ${last[0]}, is new: ${whose}.`);
  }
  loadWeights(model, adapted, { kept: isOther ? [`${last[0]}.weight`, `${last[0]}.bias`] : [] });
  return notices;
}
