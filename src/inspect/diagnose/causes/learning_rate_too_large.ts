import type { Cause } from '../cause.ts';
import {
  deadReLUs,
  firstNonFinite,
  firstStep,
  guessing,
  largestUpdate,
  lastCrossEntropy,
  lastSamples,
  share,
  tell,
} from '../figures.ts';

/** Update ÷ weight of a step in which most of what the weights were is lost; and, with other signs, a step that is too long. */
const LOST = 0.5;
const LONG = 0.15;
/** Loss over the first, from which it has got worse rather than better. */
const WORSE = 1.5;
/** Share of dead channels of a layer. */
const DEAD = 0.9;

/** Steps that are too long. */
export const learningRateTooLarge: Cause = {
  name: 'learning-rate-too-large',
  title: 'The learning rate is too large',
  explains: [
    'dead-relus',
    'saturation',
    'exploding-gradients',
    'vanishing-gradients',
    'shuffled-labels',
    'learning-rate-too-small',
  ],
  look(history) {
    const { samples, windows } = history;
    const latest = samples.at(-1);
    if (latest === undefined || windows.length === 0) return undefined;
    const { step, ratio } = largestUpdate(history);
    const signs: string[] = [];
    const bad = firstNonFinite(history);
    if (bad !== undefined && bad > 0) signs.push(`the loss is no longer finite from step ${bad} on`);
    const first = windows[0].loss;
    const worst = Math.max(...windows.slice(1).map(({ largestLoss }) => largestLoss));
    const now = lastCrossEntropy(history);
    const noBetter = now !== undefined && !(now < guessing(history));
    if (worst > WORSE * first && (noBetter || now === undefined))
      signs.push(`the loss rose from ${tell(first)} to ${tell(worst)}`);
    const died = newlyDead(history);
    if (died !== undefined) signs.push(died);
    if (noBetter && ratio >= LONG) signs.push(`cross-entropy is ${tell(now)}, no better than guessing`);
    const tooLong =
      ratio >= LOST || (ratio >= LONG && signs.length > 0) || bad !== undefined || (worst > WORSE * first && noBetter);
    if (!tooLong || bad === 0) return undefined;
    const rates = [...new Set(latest.learningRates.map(tell))].join(', ');
    return {
      evidence: `With a learning rate of ${rates} step ${step} changed the weights by ${share(ratio)} of their size (0.1 to 3 % is usual)${signs.length > 0 ? `; ${signs.join('; ')}` : ''}.`,
      remedy: `Lower the learning rate, first to a ${ratio >= LOST ? 'hundredth' : 'tenth'}; a warm-up or gradient clipping help where only the first steps are too long.`,
    };
  },
};

/** A sentence part where ReLUs lived in the first step and are dead now. */
function newlyDead(history: Parameters<Cause['look']>[0]): string | undefined {
  const first = firstStep(history);
  const before = first && deadReLUs(first);
  const last = lastSamples(history).map(deadReLUs);
  if (!before || before.worst.deadChannels >= DEAD / 2 || last.length < 2) return undefined;
  if (last.some((one) => one === undefined || one.worst.deadChannels < DEAD)) return undefined;
  const worst = last[1]?.worst;
  return `${share(worst?.deadChannels ?? 0)} of the channels of ${worst?.name || 'the model'} died`;
}
