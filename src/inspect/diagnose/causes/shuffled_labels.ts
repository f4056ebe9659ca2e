import type { Cause } from '../cause.ts';
import { alignment, guessing, largestUpdate, lastCrossEntropy, tell } from '../figures.ts';

/** Steps and images after which images and labels that belong together have shown it in every network that was tried. */
const STEPS = 100;
const IMAGES = 1000;
/** Standard errors from which the network knows something of the labels. */
const KNOWS = 3;
/** Update ÷ weight from which the network has had its chance. */
const MOVES = 3e-4;

/** Labels that do not belong to their images. */
export const shuffledLabels: Cause = {
  name: 'shuffled-labels',
  title: 'The labels do not seem to belong to the images',
  explains: [],
  look(history) {
    const { errors, batches, images } = alignment(history);
    if (batches < STEPS || images < IMAGES || !(errors < KNOWS)) return undefined;
    if (!(largestUpdate(history).ratio > MOVES)) return undefined;
    const now = lastCrossEntropy(history);
    const loss =
      now === undefined
        ? ''
        : ` Cross-entropy is ${tell(now)} after ${history.steps} steps, and ${tell(guessing(history))} by guessing.`;
    return {
      evidence: `Weights and gradients are as in healthy trainings, and still images that are new to the network do not get a larger output for their own label than other images of their batch: ${tell(errors)} standard errors over ${images} images; more than ${KNOWS} are expected.${loss}`,
      remedy:
        'Look at some images with their labels: were both read, sorted and shuffled in the same order? If they are right, the task is too hard for this network in so few steps.',
    };
  },
};
