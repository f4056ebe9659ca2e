import { leadingScores, SCORE_LABELS, type ScoreName, scoreNames } from '../../metrics/scores.ts';
import { type FreezeCounts, freezeAllBut } from '../../train/freeze.ts';
import type { Recipe } from '../../train/recipe.ts';
import { metricBars, trainingCurves } from '../plots/index.ts';
import { RECALL_COLUMNS, scoreTable } from '../report/score_table.ts';
import { type Block, finding, paragraph, table } from '../run/blocks.ts';
import type { Configuration } from '../run/configuration.ts';
import type { ExpectedTraining, Experiment, ExperimentOutcome, LabContext } from '../run/experiment.ts';
import { resnetRecipe } from '../run/lab_recipes.ts';
import { formatTable, percent } from '../terminal/text_table.ts';
import { transferExtras } from '../transfer/network_with_weights.ts';
import { pretrainingRecipe, type TransferSource, transferSource } from '../transfer/transfer_source.ts';
import {
  type ComparedTraining,
  type Contender,
  compareTrainings,
  comparisonResults,
  curvesOf,
  scoreMatrix,
} from './compare_trainings.ts';
import { architectures } from './ps3.ts';
import { bestFinding, caveat, points, recallFinding, scoresCaption } from './score_findings.ts';

/** The two ways to go on from pretrained weights: which parameters learn, and at what rate. */
const STRATEGIES = [
  { name: 'Transfer (all)', id: 'all', patterns: ['*'], lr: 1e-4 },
  { name: 'Transfer (partial)', id: 'partial', patterns: ['layer4.*', 'fc.*'], lr: 1e-3 },
] as const;

function transferRecipe(configuration: Configuration, lr: number): Recipe {
  return { ...resnetRecipe(configuration, 'ps6'), lr };
}

const variantOf = (strategy: string, source: string) => `transfer-${strategy}-${source}`;

/** ResNet-18 going on from a source's weights by each of the strategies. */
export function transferContenders(configuration: Configuration, source: TransferSource): Contender[] {
  return STRATEGIES.map(({ name, id, patterns, lr }) => ({
    name,
    recipe: transferRecipe(configuration, lr),
    extras: {
      variant: variantOf(id, source.name),
      ...transferExtras(async (recipe) => {
        const model = await source.start(recipe);
        freezeAllBut(model, patterns);
        return model;
      }),
    },
  }));
}

/** Where the strategies go on from; for the summary, which shows them too. */
export function ps6Source(context: LabContext): Promise<TransferSource> {
  return transferSource(context, transferRecipe(context.configuration, STRATEGIES[0].lr));
}

/** The strategies' trainings and the pretraining before them, as far as the configuration tells: where other weights turn up, the estimate of the time left is off by these. */
export function transferTrainings(configuration: Configuration): ExpectedTraining[] {
  const first = transferRecipe(configuration, STRATEGIES[0].lr);
  // At full width torchvision's weights may be had.
  const taughtHere = configuration.pretrained === null && first.width !== 1;
  const pretraining = { recipe: pretrainingRecipe(configuration, first), variant: 'rotation', ownData: false };
  return [
    ...(taughtHere ? [pretraining] : []),
    ...STRATEGIES.map(({ id, lr }) => ({
      recipe: transferRecipe(configuration, lr),
      variant: variantOf(id, 'rotation'),
    })),
  ];
}

/** PS6, transfer learning: ResNet-18 from pretrained weights, all of it fine-tuned or its last layers alone, beside one from scratch. */
export const ps6: Experiment = {
  id: 'ps6',
  title: 'Transfer learning',
  question: 'What does ResNet-18 gain from weights that were trained on another task, and must all of them learn on?',

  trainings: (configuration) => [...fromScratch(configuration), ...transferTrainings(configuration)],

  async run(context: LabContext): Promise<ExperimentOutcome> {
    const { configuration, data, say } = context;
    const source = await ps6Source(context);
    say(source.description);
    const [scratch] = await compareTrainings(context, fromScratch(configuration));
    const transfers = await compareTrainings(context, transferContenders(configuration, source));
    const compared = [scratch, ...transfers];
    const names = scoreNames(data.testIsImbalanced);
    const leading = leadingScores(data.testIsImbalanced);
    const counts = compared.map(({ name, trained }) => [name, countsOf(trained)] as const);
    const countRows = counts.map(([name, { trainable, frozen }]) => [name, trainable, frozen]);
    say(formatTable(['', 'trainable', 'frozen'], countRows));

    const curves = await context.figure(
      trainingCurves({ runs: compared.map(curvesOf), title: 'Training of ResNet-18, from scratch and from weights' }),
    );
    const bars = await context.figure(
      metricBars({
        ...scoreMatrix(
          compared.map(({ name, trained }) => ({ name, scores: trained.scores })),
          names,
        ),
        title: 'Scores of ResNet-18, from scratch and from weights',
        caption: scoresCaption(context, 'higher'),
      }),
    );
    return {
      results: {
        configurations: comparisonResults(compared),
        source: { name: source.name, description: source.description, ...source.results },
        parameters: Object.fromEntries(counts),
        gains: Object.fromEntries(transfers.map((transfer) => [transfer.name, gainsOf(transfer, scratch, names)])),
      },
      section: [
        paragraph(source.description),
        paragraph(strategyText(configuration)),
        table('Parameters that learn, and that are frozen.', ['', 'trainable', 'frozen'], countRows),
        curves,
        bars,
        scoreTable('The scores, and recall by size of class.', compared, { names, more: RECALL_COLUMNS }),
        gainTable(transfers, scratch, names),
        ...gainFindings(transfers, scratch, leading.overall),
        ...bestFinding(compared, leading.f1, 'of the three'),
        ...recallFinding(compared),
        caveat(context),
      ],
    };
  },
};

function fromScratch(configuration: Configuration): Contender[] {
  return architectures(configuration).flatMap(({ recipe }) =>
    recipe.model === 'resnet18' ? [{ name: 'From scratch', recipe }] : [],
  );
}

function strategyText({ epochs, batchSize }: Configuration): string {
  const [all, partial] = STRATEGIES;
  return `Transfer (all) fine-tunes every parameter with learning rate ${all.lr}; transfer (partial) freezes all but layer4 and fc and trains these with ${partial.lr}; both for ${epochs.ps6} epochs in batches of ${batchSize}, by Adam with weight decay 1e-4. Frozen batch norms stay in evaluation mode, so that their running statistics do not drift, and the frozen first convolution holds transferred weights, not fresh ones. From scratch is PS3's ResNet-18, trained for ${epochs.ps3} epochs with learning rate 1e-3.`;
}

function countsOf({ size: { parameters, trainableParameters } }: ComparedTraining['trained']): FreezeCounts {
  return { trainable: trainableParameters, frozen: parameters - trainableParameters };
}

/** Score by score, what a strategy has over training from scratch; null where one of them has no such score. */
function gainsOf(
  transfer: ComparedTraining,
  scratch: ComparedTraining,
  names: readonly ScoreName[],
): Record<string, number | null> {
  return Object.fromEntries(
    names.map((name) => {
      const [to, from] = [transfer.trained.scores[name], scratch.trained.scores[name]];
      return [name, to === null || from === null ? null : to - from];
    }),
  );
}

function gainTable(
  transfers: readonly ComparedTraining[],
  scratch: ComparedTraining,
  names: readonly ScoreName[],
): Block {
  return table(
    'What each strategy gains over training from scratch.',
    ['', ...names.map((name) => SCORE_LABELS[name])],
    transfers.map((transfer) => [
      transfer.name,
      ...Object.values(gainsOf(transfer, scratch, names)).map((gain) => (gain === null ? null : points(gain))),
    ]),
  );
}

function gainFindings(transfers: readonly ComparedTraining[], scratch: ComparedTraining, score: ScoreName): Block[] {
  return transfers.flatMap((transfer) => {
    const { [score]: gain } = gainsOf(transfer, scratch, [score]);
    if (gain === null) return [];
    const [to, from] = [transfer, scratch].map(({ trained }) => percent(trained.scores[score]));
    const verb = gain > 0 ? 'gains' : gain < 0 ? 'loses' : 'neither gains nor loses';
    const label = SCORE_LABELS[score];
    const by = gain === 0 ? label : `${(100 * Math.abs(gain)).toFixed(1)} points of ${label}`;
    return [finding(`${transfer.name} ${verb} ${by} against training from scratch: ${to} and ${from}.`)];
  });
}
