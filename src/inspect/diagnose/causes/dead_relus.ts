import type { Cause } from '../cause.ts';
import { deadReLUs, firstStep, lastSamples, share } from '../figures.ts';

/** Share of dead channels of one layer, and on average of all, from which too little is left to learn with. */
const WORST = 0.9;
const MEAN = 0.5;

/** ReLUs that are 0 for every image: no gradient comes through them. */
export const deadRelus: Cause = {
  name: 'dead-relus',
  title: 'ReLUs are dead',
  explains: ['vanishing-gradients', 'learning-rate-too-small', 'shuffled-labels'],
  look(history) {
    const first = firstStep(history);
    const last = lastSamples(history);
    const dead = last.map(deadReLUs);
    if (
      last.length < 2 ||
      dead.some((one) => one === undefined || !(one.worst.deadChannels >= WORST || one.mean >= MEAN))
    )
      return undefined;
    const now = dead[dead.length - 1] as NonNullable<(typeof dead)[number]>;
    const before = first && deadReLUs(first);
    const evidence = `In step ${last[last.length - 1].step}, ${share(now.worst.deadChannels)} of the channels of ${now.worst.name || 'the model'} are 0 for every image of the batch, ${share(now.mean)} of all ReLU channels on average`;
    if (before && (before.worst.deadChannels >= WORST || before.mean >= MEAN)) {
      return {
        evidence: `${evidence}; in the first step they were ${share(before.worst.deadChannels)} and ${share(before.mean)} already.`,
        remedy: 'Begin with biases of 0 rather than negative ones, and with first weights of the usual scale.',
      };
    }
    return {
      evidence: `${evidence}.`,
      remedy: 'Lower the learning rate, put batch norms before the ReLUs, or take LeakyReLU.',
    };
  },
};
