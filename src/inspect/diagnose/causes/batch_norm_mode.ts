import type { Cause } from '../cause.ts';
import { lastSamples, names, tell } from '../figures.ts';
import type { EvaluatingNorm } from '../training_history.ts';

/** Running deviations between the batch's mean and the running one, and ratio of the deviations, beyond which running statistics are not the data's. */
const FAR = 3;
const WIDE = 5;

/** A batch norm that learns by running statistics, or by those of other data; or that is evaluated by the batch's. */
export const batchNormMode: Cause = {
  name: 'batch-norm-mode',
  title: 'Batch norm is in the wrong mode',
  explains: ['vanishing-gradients', 'initial-scale', 'dead-relus', 'learning-rate-too-small', 'exploding-gradients'],
  look(history) {
    const latest = lastSamples(history).at(-1);
    const norms = latest?.evaluatingNorms ?? [];
    const learning = norms.filter(({ learns }) => learns);
    if (learning.length > 0) {
      return {
        evidence: `${nameAll(learning)} learned in step ${latest?.step} in evaluation mode, by running statistics that no step moves on: the batch's deviation is ${tell(Math.max(...learning.map(({ deviationRatio }) => deviationRatio)))} times off.`,
        remedy:
          'Call model.train() before the steps and model.eval() before evaluating. A batch norm that is to stay as it is needs its weight and bias frozen too.',
      };
    }
    const strange = norms.filter(({ meanDistance, deviationRatio }) => meanDistance > FAR || deviationRatio > WIDE);
    if (strange.length > 0) {
      const [{ meanDistance, deviationRatio }] = strange;
      return {
        evidence: `${nameAll(strange)} ${strange.length === 1 ? 'uses' : 'use'} running statistics that do not fit these images: the batch's mean is ${tell(meanDistance)} running deviations away, its deviation ${tell(deviationRatio)} times off.`,
        remedy:
          'Normalise the images as in the training that the running statistics come from, or let batch norm use the batch (train()).',
      };
    }
    if (history.evaluationsInTrainingMode === 0) return undefined;
    return {
      evidence: `The model ran ${history.evaluationsInTrainingMode} times outside of training steps, without gradients, in training mode: batch norm then goes by each batch and moves its running statistics on, and dropout drops.`,
      remedy: 'Call model.eval() before evaluating, and model.train() before going on.',
    };
  },
};

function nameAll(norms: readonly EvaluatingNorm[]): string {
  return names(norms.map(({ name }) => name));
}
