import { curriculumSampler } from '../../data/samplers/curriculum_sampler.ts';
import type { Improvement } from './improvement.ts';
import { improvementByRecipe } from './improvement_by_recipe.ts';
import { evaluationsOf } from './improvement_trial.ts';

const curriculum: Improvement = {
  name: 'curriculum',
  group: 'training',
  title: 'curriculum',
  description: 'the easiest 40 % of each class first, by the baseline’s loss, and all from half of the epochs on',
  trainings: (recipe) => [{ recipe, variant: 'curriculum' }],
  async run(trial) {
    const losses = await trial.perSeed(await trial.baseline(), (teacher) => trial.trainingLosses(teacher));
    const { labels, classes } = trial.data.train;
    const trained = await trial.train(trial.recipe, {
      variant: 'curriculum',
      buildSampler: (recipe) =>
        curriculumSampler({
          ...{ labels, classes, seed: recipe.seed, losses: losses(recipe) },
          full: Math.floor(recipe.epochs / 2),
        }),
    });
    return { evaluations: evaluationsOf(trained), note: 'Its teacher is the baseline, whose training is not counted.' };
  },
};

export const TRAINING_IMPROVEMENTS: readonly Improvement[] = [
  curriculum,
  improvementByRecipe(
    {
      name: 'mixup',
      group: 'training',
      title: 'mixup',
      description: 'images and labels are mixed in pairs, each pixel by the same random share',
    },
    () => ({ augmentation: 'mixup' }),
  ),
  improvementByRecipe(
    {
      name: 'cutmix',
      group: 'training',
      title: 'CutMix',
      description: 'a random box of each image comes from another, and the labels are mixed by its share',
    },
    () => ({ augmentation: 'cutmix' }),
  ),
  improvementByRecipe(
    {
      name: 'cosine',
      group: 'training',
      title: 'cosine annealing',
      description: 'the learning rate falls along half a cosine to 0 at the last epoch',
    },
    () => ({ schedule: 'cosine' }),
  ),
  improvementByRecipe(
    {
      name: 'warm-restarts',
      group: 'training',
      title: 'warm restarts',
      description: 'the learning rate falls along half a cosine again and again, each time over twice as many epochs',
    },
    () => ({ schedule: 'warm-restarts' }),
  ),
  improvementByRecipe(
    {
      name: 'longer',
      group: 'training',
      title: 'twice the epochs',
      description: 'the same training for twice as many epochs',
      note: "It takes twice the baseline's training.",
    },
    ({ epochs }) => ({ epochs: 2 * epochs }),
  ),
];
