import type { Cause } from '../cause.ts';
import { firstStep, gradientEnds, lastSamples, tell } from '../figures.ts';

/** Gradient at the first layer over that at the last, below which the first layers hardly learn. */
const LOST = 1e-3;

/** Gradients that become smaller from layer to layer on their way back. */
export const vanishingGradients: Cause = {
  name: 'vanishing-gradients',
  title: 'Gradients vanish',
  explains: ['learning-rate-too-small', 'shuffled-labels'],
  look(history) {
    const seen = [firstStep(history), ...lastSamples(history)].flatMap((sample) => (sample ? [sample] : []));
    const ends = seen.map(gradientEnds);
    if (seen.length < 3 || ends.some((one) => one === undefined || !(one.ratio < LOST))) return undefined;
    const { first, last, ratio, layers } = ends[ends.length - 1] as NonNullable<(typeof ends)[number]>;
    return {
      evidence: `In step ${seen[seen.length - 1].step} the gradient at ${first.name}, the first of ${layers} layers, is ${tell(ratio)} of that at ${last.name}, the last; it was ${tell(ends[0]?.ratio ?? 0)} in step ${seen[0].step}.`,
      remedy:
        'Take ReLU rather than sigmoid or tanh, put batch norms between the layers, or add shortcuts as in a ResNet.',
    };
  },
};
