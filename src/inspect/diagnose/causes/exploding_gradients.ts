import type { Cause } from '../cause.ts';
import { firstStep, gradientEnds, gradientNorm, tell } from '../figures.ts';

/**
 * Gradient at the last layer: of a mean cross-entropy at most √(2 / images), so that one above this is of a loss that is summed up or multiplied.
 * (The norm of all gradients tells little: it is 0.5 for CustomCNN and 260 for EfficientNet-B0, both healthy.)
 */
const LARGE = 3;
/** Gradient at the first layer over that at the last, from which it grows on its way back; 42 in EfficientNet-B0. */
const GROWN = 1000;

/** Gradients that are far too large before anything was learned. */
export const explodingGradients: Cause = {
  name: 'exploding-gradients',
  title: 'Gradients explode',
  explains: ['learning-rate-too-large', 'dead-relus', 'saturation', 'vanishing-gradients', 'shuffled-labels'],
  look(history) {
    const first = firstStep(history);
    const ends = first && gradientEnds(first);
    if (first === undefined || ends === undefined) return undefined;
    const norm = `the norm of all gradients is ${tell(gradientNorm(first))}`;
    if (ends.ratio > GROWN) {
      return {
        evidence: `In the first step the gradient grows ${tell(ends.ratio)} times on its way from ${ends.last.name} back to ${ends.first.name}; ${norm}.`,
        remedy:
          'Put batch norms between the layers, draw smaller first weights, or clip gradients (clipGradNorm, --clip-norm).',
      };
    }
    const atLast = ends.last.gradientNorm as number;
    if (!(atLast > LARGE)) return undefined;
    return {
      evidence: `In the first step the gradient of the loss at ${ends.last.name}, the last layer, is ${tell(atLast)}; that of a mean cross-entropy is below 1; ${norm}.`,
      remedy: "Take the mean of the loss over the batch, not the sum (reduction 'mean'), and no large factor.",
    };
  },
};
