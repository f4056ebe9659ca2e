import type { Cause } from '../cause.ts';
import { names } from '../figures.ts';

/** Parameters that no optimizer has, or that the loss does not depend on. */
export const unusedParameters: Cause = {
  name: 'unused-parameters',
  title: 'Parameters take no part in the training',
  explains: ['learning-rate-too-small', 'shuffled-labels', 'vanishing-gradients'],
  look({ samples }) {
    const latest = samples.at(-1);
    if (latest === undefined) return undefined;
    const left = latest.parameters.filter(({ learns, optimized }) => learns && !optimized).map(({ name }) => name);
    if (left.length > 0) {
      const all = latest.parameters.length;
      return {
        evidence: `${left.length} of ${all} parameters are in no group of the optimizer and stay as they are: ${names(left)}.`,
        remedy:
          'Make the optimizer of model.parameters() after the last layer is in place, or freeze what is not to learn (requiresGrad = false).',
      };
    }
    if (samples.length < 3) return undefined;
    const unused = latest.parameters
      .filter(({ learns }, i) => learns && samples.every(({ parameters }) => parameters[i].gradientNorm === undefined))
      .map(({ name }) => name);
    if (unused.length === 0) return undefined;
    return {
      evidence: `In none of ${samples.length} watched steps did a gradient reach ${names(unused)}: the loss does not depend on ${unused.length === 1 ? 'it' : 'them'}.`,
      remedy: 'Use the layer in forward(), look for a detach() or noGrad() on its way to the loss, or remove it.',
    };
  },
};
