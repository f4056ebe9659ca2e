import type { Cause } from '../cause.ts';
import { firstStep, names } from '../figures.ts';

/** What goes into the first step is no number: everything after it is none either. */
export const nonFiniteStart: Cause = {
  name: 'non-finite-start',
  title: 'The first step begins with NaN or infinity',
  explains: [
    'learning-rate-too-large',
    'learning-rate-too-small',
    'initial-scale',
    'shuffled-labels',
    'exploding-gradients',
  ],
  look(history) {
    const first = firstStep(history);
    if (first === undefined) return undefined;
    if (first.input && !Number.isFinite(first.input.mean + first.input.deviation)) {
      return {
        evidence: 'The images of the first batch hold a value that is NaN or infinite.',
        remedy: 'Look for broken files, and for a division by a standard deviation of 0 where they are normalised.',
      };
    }
    const broken = first.parameters.filter(({ weightNorm }) => !Number.isFinite(weightNorm)).map(({ name }) => name);
    if (broken.length === 0) return undefined;
    return {
      evidence: `Before the first step ${names(broken)} ${broken.length === 1 ? 'holds' : 'hold'} NaN or infinity.`,
      remedy: 'Look at where the first weights come from: an initialiser of your own, or a file.',
    };
  },
};
