import type { Cause } from '../cause.ts';
import { tell } from '../figures.ts';

/** Root mean square of inputs above and below which a network does not learn as it should, and |mean| ÷ deviation. */
const LARGE = 5;
const SMALL = 0.02;
const FAR = 5;

/** Images that are not of about zero mean and unit deviation. */
export const unnormalisedInput: Cause = {
  name: 'unnormalised-input',
  title: 'The input is not normalised',
  explains: [
    ...['initial-scale', 'saturation', 'dead-relus', 'exploding-gradients', 'vanishing-gradients'],
    ...['learning-rate-too-large', 'learning-rate-too-small', 'shuffled-labels'],
  ] as const,
  look({ samples }) {
    const input = samples[0]?.input;
    if (input === undefined) return undefined;
    const { mean, deviation } = input;
    const size = Math.hypot(mean, deviation);
    if (size <= LARGE && size >= SMALL && Math.abs(mean) <= FAR * deviation) return undefined;
    // An input of zeros alone says nothing of how it is normalised.
    if (size === 0 || !Number.isFinite(size)) return undefined;
    return {
      evidence: `What goes into the network has mean ${tell(mean)} and standard deviation ${tell(deviation)}; a mean of about 0 and a deviation of about 1 are expected.`,
      remedy: 'Subtract the mean of the training images and divide by their standard deviation, channel by channel.',
    };
  },
};
