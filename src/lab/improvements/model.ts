import type { CustomCNNOptions } from '../../nn/models/custom_cnn.ts';
import { meanProbabilities } from '../../train/decisions/mean_probabilities.ts';
import { evaluationOf } from '../../train/evaluation.ts';
import type { Recipe } from '../../train/recipe.ts';
import type { Repetition } from '../run/trained_model.ts';
import { HELD_OUT } from './halves.ts';
import type { Improvement } from './improvement.ts';
import { evaluationsOf } from './improvement_trial.ts';

/** CustomCNN with other options, trained as the baseline is. */
function variant(
  about: Pick<Improvement, 'name' | 'title' | 'description'>,
  options: Pick<CustomCNNOptions, 'attention' | 'convsPerBlock'>,
): Improvement {
  return {
    ...about,
    group: 'model',
    trainings: (recipe) => [{ recipe, variant: about.name }],
    async run(trial) {
      const trained = await trial.train(trial.recipe, {
        variant: about.name,
        buildModel: (recipe) => trial.customCnn(recipe, options),
      });
      return { evaluations: evaluationsOf(trained) };
    },
  };
}

/** Networks of the ensemble, the baseline among them. */
const MEMBERS = 3;
/** Seeds of the other members follow at this distance, out of reach of a run's repetitions. */
const SEED_DISTANCE = 1000;

/** The members' trainings but for the baseline's. */
function otherMembers(baseline: Recipe): Recipe[] {
  return Array.from({ length: MEMBERS - 1 }, (_, n) => ({
    ...baseline,
    seed: baseline.seed + (n + 1) * SEED_DISTANCE,
  }));
}

const ensemble: Improvement = {
  name: 'ensemble',
  group: 'model',
  title: `ensemble of ${MEMBERS}`,
  description: `the mean of the probabilities of ${MEMBERS} networks from different first weights, each trained in full`,
  trainings: (baseline) => otherMembers(baseline).map((recipe) => ({ recipe, variant: HELD_OUT })),
  async run(trial) {
    const members: (readonly Repetition[])[] = [(await trial.baseline()).repeats];
    for (const recipe of otherMembers(trial.recipe)) members.push((await trial.train(recipe)).repeats);
    const evaluations = members[0].map((_, repetition) => {
      const predictions = members.map((repeats) => repeats[repetition].evaluation.probabilities);
      return evaluationOf(meanProbabilities(predictions), trial.data.test);
    });
    return { evaluations, note: `It takes ${MEMBERS} times the baseline's training and computation.` };
  },
};

export const MODEL_IMPROVEMENTS: readonly Improvement[] = [
  variant(
    {
      name: 'se',
      title: 'squeeze-and-excitation',
      description: 'each block ends in squeeze-and-excitation: channels are weighed by what the image holds',
    },
    { attention: 'se' },
  ),
  variant(
    {
      name: 'cbam',
      title: 'CBAM attention',
      description: 'each block ends in CBAM: channels, then places are weighed by what the image holds',
    },
    { attention: 'cbam' },
  ),
  variant(
    { name: 'deeper', title: 'deeper network', description: 'each block has three convolutions in place of two' },
    { convsPerBlock: 3 },
  ),
  ensemble,
];
