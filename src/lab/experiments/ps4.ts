import type { LossName } from '../../nn/losses/index.ts';
import type { Configuration } from '../configuration.ts';
import { trainingCurveGroups } from '../plots/index.ts';
import { scoreTable } from '../report/score_table.ts';
import type { OptimizerName, Recipe } from '../training/recipe.ts';
import type { TrainedModel } from '../training/trained_models.ts';
import type { Experiment, ExperimentOutcome, LabContext } from './experiment.ts';
import { baseRecipe } from './recipes.ts';

/** The losses compared, and how they are called. */
export const LOSSES = {
  ce: 'cross-entropy',
  'weighted-ce': 'weighted cross-entropy',
  focal: 'focal',
  'class-balanced': 'class-balanced',
  'label-smoothing': 'label smoothing',
} as const satisfies Partial<Record<LossName, string>>;

/** The optimizers compared, and how they are called. */
export const OPTIMIZERS = { sgd: 'SGD', adam: 'Adam', adamw: 'AdamW', rmsprop: 'RMSprop' } as const satisfies Record<
  OptimizerName,
  string
>;

/** CustomCNN under each of the losses, by Adam. */
export function lossRecipes(configuration: Configuration): [name: string, recipe: Recipe][] {
  const base = baseRecipe(configuration, 'ps4');
  return Object.entries(LOSSES).map(([loss, name]) => [name, { ...base, loss: loss as LossName }]);
}

/** CustomCNN under cross-entropy, by each of the optimizers. */
export function optimizerRecipes(configuration: Configuration): [name: string, recipe: Recipe][] {
  const base = baseRecipe(configuration, 'ps4');
  return Object.entries(OPTIMIZERS).map(([optimizer, name]) => [
    name,
    { ...base, optimizer: optimizer as OptimizerName, lr: optimizer === 'sgd' ? 1e-2 : 1e-3 },
  ]);
}

/** PS4, losses and optimizers: CustomCNN trained under five losses, and by four optimizers; always tested with plain cross-entropy. */
export const ps4: Experiment = {
  id: 'ps4',
  title: 'Losses and optimizers',
  question: 'Which loss and which optimizer serve CustomCNN best on the long tail?',

  trainings: (configuration) =>
    [...lossRecipes(configuration), ...optimizerRecipes(configuration)].map(([, recipe]) => ({ recipe })),

  async run(context: LabContext): Promise<ExperimentOutcome> {
    const losses = await trainAll(context, lossRecipes(context.configuration));
    const optimizers = await trainAll(context, optimizerRecipes(context.configuration));
    const figure = await context.figure(
      trainingCurveGroups({
        groups: [
          { title: 'Losses', runs: losses.map(curves) },
          { title: 'Optimizers', runs: optimizers.map(curves) },
        ],
      }),
    );
    return {
      results: {},
      section: [
        figure,
        scoreTable('CustomCNN under five losses, tested with plain cross-entropy.', losses),
        scoreTable('CustomCNN under cross-entropy, by four optimizers.', optimizers),
      ],
    };
  },
};

type Named = [name: string, trained: TrainedModel];

async function trainAll(context: LabContext, recipes: readonly [string, Recipe][]): Promise<Named[]> {
  const trained: Named[] = [];
  for (const [name, recipe] of recipes) trained.push([name, await context.trained(recipe)]);
  return trained;
}

function curves([name, { history }]: Named) {
  return { name, loss: history.map(({ loss }) => loss), accuracy: history.map(({ accuracy }) => accuracy) };
}
