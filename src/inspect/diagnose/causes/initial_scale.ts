import { median } from '../../../runtime/timing.ts';
import type { Cause } from '../cause.ts';
import { firstCrossEntropy, firstStep, gradientEnds, guessing, isWeight, tell } from '../figures.ts';
import type { StepSample } from '../training_history.ts';

/** First cross-entropy over that of guessing, from which the network is far too sure of itself before it has learned anything. */
const TOO_SURE = 2.5;
/** Gain below which a layer hands on too little: PyTorch's default has 0.58, Kaiming's 1.41. */
const WEAK = 0.2;
/** Gradient at the first layer over that at the last, below which it is lost on the way. */
const LOST = 1e-3;

/** First weights that are too large or too small for their layers. */
export const initialScale: Cause = {
  name: 'initial-scale',
  title: 'The first weights have the wrong scale',
  explains: [
    ...['exploding-gradients', 'vanishing-gradients', 'dead-relus', 'learning-rate-too-large'],
    ...['learning-rate-too-small', 'shuffled-labels'],
  ] as const,
  look(history) {
    const first = firstStep(history);
    if (first === undefined) return undefined;
    const loss = firstCrossEntropy(history);
    const chance = guessing(history);
    const gain = typicalGain(first);
    if (loss !== undefined && loss > TOO_SURE * chance) {
      return {
        evidence: `The first cross-entropy is ${tell(loss)}, and ${tell(chance)} is what guessing gives: too large. The weights' root mean square times √fanIn is ${tell(gain)} (0.58 by PyTorch's default, 1.41 by Kaiming's).`,
        remedy: "Draw smaller first weights: the layers' own initialisation, or init.kaimingNormal before ReLU.",
      };
    }
    const ends = gradientEnds(first);
    if (ends === undefined || !(ends.ratio < LOST) || !(gain < WEAK)) return undefined;
    return {
      evidence: `The weights' root mean square times √fanIn is ${tell(gain)} (0.58 by PyTorch's default, 1.41 by Kaiming's): too small. The gradient at ${ends.first.name} is ${tell(ends.ratio)} of that at ${ends.last.name}.`,
      remedy: "Draw larger first weights: the layers' own initialisation, or init.kaimingNormal before ReLU.",
    };
  },
};

/** Root mean square of a weight times √fanIn: how much larger its outputs are than its inputs. The median of all weights. */
function typicalGain({ parameters }: StepSample): number {
  return median(
    parameters.filter(isWeight).map(({ shape, weightNorm }) => weightNorm / Math.sqrt(shape[shape.length - 1])),
  );
}
