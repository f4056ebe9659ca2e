import { confusedPairsSampler } from '../data/samplers/confused_pairs_sampler.ts';
import { hardExampleSampler } from '../data/samplers/hard_examples.ts';
import { predictedClasses } from '../metrics/classification.ts';
import { confusionMatrix, topConfusedPairs } from '../metrics/confusion.ts';
import type { Recipe } from '../training/recipe.ts';
import { type Bench, evaluationsOf } from './bench.ts';
import { inHalves } from './halves.ts';
import type { Improvement } from './improvement.ts';
import { recipeChange } from './recipe_change.ts';

/** Goes on from the first half's weights: what is drawn changes, and nothing else. */
async function continuedCnn(bench: Bench) {
  const weights = await bench.perSeed(await bench.firstHalf(), async ({ model }) => model.stateDict());
  return (recipe: Recipe) => {
    const model = bench.customCnn(recipe);
    model.loadStateDict(weights(recipe));
    return model;
  };
}

const hardExamples: Improvement = {
  name: 'hard-examples',
  group: 'data',
  title: 'hard-example mining',
  description: 'after half of the epochs, half of the draws go by the loss that each image has then',
  trainings: (baseline) => inHalves(baseline, 'hard-examples'),
  async run(bench) {
    const losses = await bench.perSeed(await bench.firstHalf(), ({ model }) => bench.trainingLosses(model));
    const trained = await bench.train(bench.secondHalf(), {
      variant: 'hard-examples',
      buildModel: await continuedCnn(bench),
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
  async run(bench) {
    const { labels, classes } = bench.validation;
    const confusion = await bench.perSeed(await bench.firstHalf(), async ({ model }) => {
      const { predictions } = predictedClasses(await bench.probabilities(model, bench.validation), classes);
      return confusionMatrix(labels, predictions, classes);
    });
    const trained = await bench.train(bench.secondHalf(), {
      variant: 'confused-pairs',
      buildModel: await continuedCnn(bench),
      buildSampler: (recipe) =>
        confusedPairsSampler({
          labels: bench.data.train.labels,
          classes,
          confusion: confusion(recipe),
          seed: recipe.seed,
        }),
    });
    const [worst] = topConfusedPairs(confusion(bench.recipe), 1);
    const { classNames } = bench.data;
    const note =
      worst &&
      `The pair confused most on the validation images was ${classNames[worst.truth]} taken for ${classNames[worst.predicted]}.`;
    return { evaluations: evaluationsOf(trained), note };
  },
};

export const DATA_IMPROVEMENTS: readonly Improvement[] = [
  recipeChange(
    {
      name: 'targeted-augmentation',
      group: 'data',
      title: 'targeted augmentation',
      description: 'the smaller a class, the more its images are moved, turned, recoloured and cut out of',
    },
    () => ({ augmentation: 'targeted' }),
  ),
  recipeChange(
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
