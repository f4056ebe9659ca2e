import type { Cause } from '../cause.ts';
import { gradientNorm, names, tell } from '../figures.ts';

/** Gradients are added to those of the step before. */
export const forgottenZeroGrad: Cause = {
  name: 'forgotten-zero-grad',
  title: 'zeroGrad() is not called',
  explains: [
    ...['learning-rate-too-large', 'exploding-gradients', 'dead-relus', 'saturation', 'shuffled-labels'],
    ...['vanishing-gradients', 'initial-scale'],
  ] as const,
  look({ samples }) {
    const stale = samples.filter(({ staleGradients }) => staleGradients.length > 0);
    if (stale.length < 2) return undefined;
    const [first, last] = [samples[0], samples[samples.length - 1]];
    const { staleGradients } = stale[stale.length - 1];
    return {
      evidence: `In ${stale.length} of ${samples.length} watched steps parameters still held the gradient of the step before when the backward pass began (${names(staleGradients)}); backward() adds to it. The norm of all gradients was ${tell(gradientNorm(first))} in step ${first.step} and ${tell(gradientNorm(last))} in step ${last.step}.`,
      remedy: 'Call optimizer.zeroGrad() once in each step, before loss.backward().',
    };
  },
};
