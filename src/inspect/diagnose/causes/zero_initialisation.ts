import type { Cause } from '../cause.ts';
import { firstStep, isWeight, names } from '../figures.ts';

/** Weights that are 0 and get no gradient: all units of a layer are alike, and stay so. */
export const zeroInitialisation: Cause = {
  name: 'zero-initialisation',
  title: 'Weights begin at zero',
  explains: [
    'dead-relus',
    'vanishing-gradients',
    'learning-rate-too-small',
    'saturation',
    'initial-scale',
    'shuffled-labels',
  ],
  look(history) {
    const first = firstStep(history);
    if (first === undefined) return undefined;
    const zero = first.parameters.filter((one) => isWeight(one) && one.learns && one.weightNorm === 0);
    // A last layer that begins at 0 learns: it gets a gradient.
    const stuck = zero.filter(({ gradientNorm }) => gradientNorm === undefined || gradientNorm === 0);
    if (stuck.length === 0) return undefined;
    return {
      evidence: `${zero.length} weights are all 0 before the first step, and ${stuck.length} of them get a gradient of 0: ${names(stuck.map(({ name }) => name))}.`,
      remedy:
        "Draw first weights at random, by the layers' own initialisation or init.kaimingNormal; only biases may begin at 0.",
    };
  },
};
