import { confusedPairsSampler } from '../../data/samplers/confused_pairs_sampler.ts';
import { hardExampleSampler } from '../../data/samplers/hard_examples.ts';
import { predictedClasses } from '../../metrics/classification.ts';
import { confusionMatrix, topConfusedPairs } from '../../metrics/confusion.ts';
import type { Recipe } from '../../train/recipe.ts';
import type { TrainedModel } from '../run/trained_model.ts';
import { inHalves } from './halves.ts';
import type { Improvement } from './improvement.ts';
import { improvementByRecipe } from './improvement_by_recipe.ts';
import { evaluationsOf, type ImprovementTrial } from './improvement_trial.ts';

/** Goes on from the first half's weights: what is drawn changes, and nothing else. */
function continuing(trial: ImprovementTrial, first: TrainedModel) {
  return (recipe: Recipe) => trial.continuedFrom(first, recipe);
}

const hardExamples: Improvement = {
  name: 'hard-examples',
  group: 'data',
  title: 'hard-example mining',
  description: 'after half of the epochs, half of the draws go by the loss that each image has then',
  trainings: (baseline) => inHalves(baseline, 'hard-examples'),
  async run(trial) {
    const first = await trial.firstHalf();
    const losses = await trial.perSeed(first, (half) => trial.trainingLosses(half));
    const trained = await trial.train(trial.secondHalf(), {
      variant: 'hard-examples',
      buildModel: continuing(trial, first),
      buildSampler: (recipe) => hardExampleSampler({ losses: losses(recipe), seed: recipe.seed }),
    });
    return { evaluations: evaluationsOf(trained) };
  },
};

const confusedPairs: Improvement = {
  name: 'confused-pairs',
  group: 'data',
  title: 'sampling of confused pairs',
  description:
    'after half of the epochs, half of the draws are pairs of classes that are confused on the validation images',
  trainings: (baseline) => inHalves(baseline, 'confused-pairs'),
  async run(trial) {
    const { labels, classes } = trial.validation;
    const first = await trial.firstHalf();
    const confusion = await trial.perSeed(first, async (half) => {
      const { predictions } = predictedClasses(await trial.probabilities(half, trial.validation), classes);
      return confusionMatrix(labels, predictions, classes);
    });
    const trained = await trial.train(trial.secondHalf(), {
      variant: 'confused-pairs',
      buildModel: continuing(trial, first),
      buildSampler: (recipe) =>
        confusedPairsSampler({
          labels: trial.data.train.labels,
          classes,
          confusion: confusion(recipe),
          seed: recipe.seed,
        }),
    });
    const [worst] = topConfusedPairs(confusion(trial.recipe), 1);
    const { classNames } = trial.data;
    const note =
      worst &&
      `The pair confused most on the validation images was ${classNames[worst.truth]} taken for ${classNames[worst.predicted]}.`;
    return { evaluations: evaluationsOf(trained), note };
  },
};

export const DATA_IMPROVEMENTS: readonly Improvement[] = [
  improvementByRecipe(
    {
      name: 'targeted-augmentation',
      group: 'data',
      title: 'targeted augmentation',
      description: 'the smaller a class, the more its images are moved, turned, recoloured and cut out of',
    },
    () => ({ augmentation: 'targeted' }),
  ),
  improvementByRecipe(
    {
      name: 'class-specific-augmentation',
      group: 'data',
      title: 'class-specific augmentation',
      description: 'each class is changed by as much as its own kind of image bears',
    },
    () => ({ augmentation: 'class-specific' }),
  ),
  hardExamples,
  confusedPairs,
];
