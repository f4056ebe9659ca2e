import { leadingScores, type ScoreName } from '../../metrics/scores.ts';
import type { LossName } from '../../nn/losses/index.ts';
import type { OptimizerName } from '../../nn/optimizers/index.ts';
import { trainingCurveGroups } from '../plots/index.ts';
import { RECALL_COLUMNS, scoreTable } from '../report/score_table.ts';
import { paragraph } from '../run/blocks.ts';
import type { Configuration } from '../run/configuration.ts';
import type { Experiment, ExperimentOutcome, LabContext } from '../run/experiment.ts';
import { baseRecipe } from '../run/lab_recipes.ts';
import { type Contender, compareTrainings, comparisonResults, curvesOf } from './compare_trainings.ts';
import { bestFinding, caveat, counted, minorityFinding, recallFinding } from './score_findings.ts';

/** CustomCNN under each of five losses, by Adam. */
export function lossContenders(configuration: Configuration): Contender[] {
  const base = baseRecipe(configuration, 'ps4');
  const losses: [LossName, string][] = [
    ['ce', 'cross-entropy'],
    ['weighted-ce', 'weighted cross-entropy'],
    ['focal', 'focal'],
    ['class-balanced', 'class-balanced'],
    ['label-smoothing', 'label smoothing'],
  ];
  return losses.map(([loss, name]) => ({ name, recipe: { ...base, loss } }));
}

/** CustomCNN under cross-entropy, by each of four optimizers. */
export function optimizerContenders(configuration: Configuration): Contender[] {
  const base = baseRecipe(configuration, 'ps4');
  const optimizers: [OptimizerName, string, number][] = [
    ['sgd', 'SGD', 1e-2],
    ['adam', 'Adam', 1e-3],
    ['adamw', 'AdamW', 1e-3],
    ['rmsprop', 'RMSprop', 1e-3],
  ];
  return optimizers.map(([optimizer, name, lr]) => ({ name, recipe: { ...base, optimizer, lr } }));
}

/** PS4, losses and optimizers: CustomCNN trained under five losses, and by four optimizers; always tested with plain cross-entropy. */
export const ps4: Experiment = {
  id: 'ps4',
  title: 'Losses and optimizers',
  question: 'Which loss and which optimizer serve CustomCNN best on imbalanced images?',
  trainings: (configuration) => [...lossContenders(configuration), ...optimizerContenders(configuration)],

  async run(context: LabContext): Promise<ExperimentOutcome> {
    const { configuration, data } = context;
    const losses = await compareTrainings(context, lossContenders(configuration));
    const optimizers = await compareTrainings(context, optimizerContenders(configuration));
    const [ce, ...others] = losses;
    const figure = await context.figure(
      trainingCurveGroups({
        groups: [
          { title: 'Losses', runs: losses.map(curvesOf) },
          { title: 'Optimizers', runs: optimizers.map(curvesOf) },
        ],
        title: 'Training under five losses and by four optimizers',
        caption:
          'Loss (left) and accuracy (right) on the training images over the epochs, in training mode: five losses above, four optimizers below. Each loss is in its own unit, so compare the shapes of the upper left curves, not their heights.',
      }),
    );
    const leading = leadingScores(data.testIsImbalanced);
    const shown: readonly ScoreName[] = [leading.overall, leading.f1, 'rocAuc'];
    return {
      results: { losses: comparisonResults(losses), optimizers: comparisonResults(optimizers) },
      section: [
        paragraph(
          `CustomCNN, ${counted(configuration.epochs.ps4, 'epoch')} each. The losses are trained by Adam with learning rate 1e-3; focal has γ 2, class-balanced is focal with γ 2 weighted by effective numbers with β 0.9999, label smoothing has ε 0.1. The optimizers train under cross-entropy: SGD with learning rate 0.01 and momentum 0.9, Adam, AdamW (decoupled decay) and RMSprop (α 0.99) with 1e-3. Weight decay is 1e-4 throughout, and all are tested with plain cross-entropy.`,
        ),
        figure,
        scoreTable('Five losses.', losses, { names: shown, more: RECALL_COLUMNS }),
        scoreTable('Four optimizers.', optimizers, { names: shown, more: RECALL_COLUMNS }),
        ...bestFinding(losses, leading.f1, 'of the losses'),
        ...recallFinding([ce]),
        ...minorityFinding(others, ce),
        ...bestFinding(optimizers, leading.overall, 'of the optimizers'),
        ...bestFinding(optimizers, leading.f1, 'of the optimizers'),
        caveat(context),
      ],
    };
  },
};
