import type { Cause } from '../cause.ts';
import { gradientNorm, tell, updateRatios } from '../figures.ts';

/** Largest update ÷ weight of a step, of any layer, below which a training gets nowhere: ten thousand steps for one half. */
const TINY = 5e-5;
/** Samples after which that can be told. */
const SAMPLES = 4;

/** Steps that are too short. */
export const learningRateTooSmall: Cause = {
  name: 'learning-rate-too-small',
  title: 'The learning rate is too small',
  explains: ['shuffled-labels'],
  look({ samples, windows }) {
    if (samples.length < SAMPLES) return undefined;
    const largest = samples.map((sample) => Math.max(0, ...updateRatios(sample).filter(Number.isFinite)));
    const most = Math.max(...largest);
    const [first, latest] = [samples[0], samples[samples.length - 1]];
    const climbs = Math.max(...latest.learningRates) > 1.5 * Math.max(...first.learningRates);
    // Without gradients no rate would help.
    if (most >= TINY || climbs || !(gradientNorm(latest) > 0)) return undefined;
    const rates = [...new Set(latest.learningRates.map(tell))].join(', ');
    return {
      evidence: `With a learning rate of ${rates} no watched step changed a layer by more than ${tell(most)} of its size (0.001 to 0.03 is usual); the loss went from ${tell(windows[0].loss)} to ${tell(windows[windows.length - 1].loss)} in ${latest.step} steps.`,
      remedy:
        'Raise the learning rate tenfold at a time until the loss falls; usual ones are 0.01 to 0.1 for SGD and 0.001 for Adam.',
    };
  },
};
