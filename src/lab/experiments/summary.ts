import { z } from 'zod';
import { leadingScores, SCORE_LABELS, type ScoreName, type Scores, scoreNames } from '../../metrics/scores.ts';
import { metricHeatmap, metricRadar } from '../plots/index.ts';
import { formatScore, scoreTable } from '../report/score_table.ts';
import { type Block, finding, paragraph, table } from '../run/blocks.ts';
import type { Configuration } from '../run/configuration.ts';
import type { Experiment, ExperimentOutcome, LabContext } from '../run/experiment.ts';
import { listed, percent } from '../terminal/text_table.ts';
import {
  type ComparedTraining,
  type Contender,
  compareTrainings,
  comparisonResults,
  scoreMatrix,
} from './compare_trainings.ts';
import { architectures } from './ps3.ts';
import { lossContenders, optimizerContenders } from './ps4.ts';
import { ps6Source, transferContenders, transferTrainings } from './ps6.ts';
import { capital, caveat, lead, points, ranked, scoresCaption } from './score_findings.ts';
import { trainedAlike, unlikeNote } from './training_terms.ts';

/** Those of the lab's ten configurations that PS3 and PS4 train. */
function groups(configuration: Configuration) {
  const named = (contenders: readonly Contender[], names: Readonly<Record<string, string>>) =>
    contenders.flatMap((one) => (Object.hasOwn(names, one.name) ? [{ ...one, name: names[one.name] }] : []));
  return {
    architectures: architectures(configuration),
    losses: named(lossContenders(configuration), {
      'cross-entropy': 'CE',
      focal: 'focal',
      'class-balanced': 'class-balanced',
    }),
    optimizers: named(optimizerContenders(configuration), { Adam: 'Adam', AdamW: 'AdamW' }),
  };
}

/** The summary: ten configurations side by side, and what the whole lab found. */
export const summary: Experiment = {
  id: 'summary',
  title: 'Summary',
  question: 'Which configuration does best by which measure, and what did the lab find?',
  trainings(configuration: Configuration) {
    return [
      ...architectures(configuration),
      ...lossContenders(configuration),
      ...optimizerContenders(configuration),
      ...transferTrainings(configuration),
    ];
  },

  async run(context: LabContext): Promise<ExperimentOutcome> {
    const { configuration, data } = context;
    const of = groups(configuration);
    const networks = await compareTrainings(context, of.architectures);
    const losses = await compareTrainings(context, of.losses);
    const optimizers = await compareTrainings(context, of.optimizers);
    const transfers = await compareTrainings(context, transferContenders(configuration, await ps6Source(context)));
    const all = [...networks, ...losses, ...optimizers, ...transfers];
    // The best loss and optimizer are sought among all that PS4 compares, not the ten's alone.
    const [everyLoss, everyOptimizer] = [
      await compareTrainings(context, lossContenders(configuration)),
      await compareTrainings(context, optimizerContenders(configuration)),
    ];
    const names = scoreNames(data.testIsImbalanced);
    const leading = leadingScores(data.testIsImbalanced);
    const best = bestByScore(all, names);
    const rows = all.map(({ name, trained }) => ({ name, scores: trained.scores }));
    const heatmap = await context.figure(
      metricHeatmap({
        ...scoreMatrix(rows, names),
        title: 'Ten configurations',
        caption: `${scoresCaption(context, 'darker')} Outlined: the best of each score.`,
      }),
    );
    const radar = await context.figure(
      metricRadar({ ...scoreMatrix(distinct(all), names), title: 'The five with the highest mean score' }),
    );
    return {
      results: {
        configurations: comparisonResults(all),
        rows: rows.map(({ name, scores }) => ({ name, ...scores })),
        best,
      },
      section: [
        ...sharedNote(all),
        ...unlikeNote(of.architectures),
        scoreTable('Ten configurations by their scores.', all, { names }),
        table(
          'The best configuration by each score, picked on the test images.',
          ['score', 'best', ''],
          best.map(({ score, names, value }) => [SCORE_LABELS[score], listed(names), percent(value)]),
        ),
        heatmap,
        radar,
        ...architectureFinding(networks, leading.overall),
        ...lossFinding(everyLoss, leading.f1),
        ...optimizerFinding(everyOptimizer, leading.overall),
        ...transferFinding(networks, transfers, leading.overall),
        ...featureFinding(context.resultsOf('ps5')),
        ...sizeFinding(losses[0]),
        ...calibrationFinding(losses[0]),
        caveat({ configuration, data }),
      ],
    };
  },
};

/** For each score its best configurations, equal ones all of them. */
function bestByScore(
  all: readonly ComparedTraining[],
  scores: readonly ScoreName[],
): { score: ScoreName; names: string[]; value: number }[] {
  return scores.flatMap((score) => {
    const order = ranked(all, score);
    if (order.length === 0) return [];
    const [{ value }] = order;
    return [{ score, value, names: order.filter((one) => one.value === value).map(({ name }) => name) }];
  });
}

/** Configurations that are one training under their joined names, so that a figure shows them once. */
function distinct(all: readonly ComparedTraining[]): { name: string; scores: Scores }[] {
  const keys = [...new Set(all.map(({ trained }) => trained.key))];
  return keys.map((key) => {
    const same = all.filter(({ trained }) => trained.key === key);
    return { name: same.map(({ name }) => name).join(' = '), scores: same[0].trained.scores };
  });
}

function sharedNote(all: readonly ComparedTraining[]): Block[] {
  const shared = distinct(all).filter(({ name }) => name.includes(' = '));
  if (shared.length === 0) return [];
  return [
    paragraph(`Some configurations are one and the same training: ${shared.map(({ name }) => name).join('; ')}.`),
  ];
}

/** 'an accuracy', 'a balanced accuracy'. */
function withArticle(score: ScoreName): string {
  const label = SCORE_LABELS[score];
  return `${/^(a|F1)/.test(label) ? 'an' : 'a'} ${label}`;
}

function architectureFinding(networks: readonly ComparedTraining[], score: ScoreName): Block[] {
  const order = ranked(networks, score);
  if (order.length < 2) return [];
  const [{ name, value, of }] = order;
  const alike = trainedAlike(networks.map(({ name, trained }) => ({ name, recipe: trained.recipe })));
  const unlike = alike ? '' : '; the three are not trained alike';
  return [
    finding(
      `Best architecture: ${name} with ${withArticle(score)} of ${formatScore(value, of.trained.deviations?.[score])}${lead(order)}${unlike}.`,
    ),
  ];
}

function lossFinding(losses: readonly ComparedTraining[], score: ScoreName): Block[] {
  const ce = losses[0].trained.scores[score];
  const [best] = ranked(losses, score);
  if (ce === null || best === undefined) return [];
  if (best.of === losses[0])
    return [
      finding(
        `Best loss: none of the others has a higher ${SCORE_LABELS[score]} than plain cross-entropy, ${percent(ce)}.`,
      ),
    ];
  return [
    finding(
      `Best loss: ${best.name} with ${withArticle(score)} of ${percent(best.value)}, ${points(best.value - ce)} over plain cross-entropy.`,
    ),
  ];
}

function optimizerFinding(optimizers: readonly ComparedTraining[], score: ScoreName): Block[] {
  const order = ranked(optimizers, score);
  if (order.length < 2) return [];
  const [{ name, value, of }] = order;
  return [
    finding(
      `Best optimizer: ${name} with ${withArticle(score)} of ${formatScore(value, of.trained.deviations?.[score])}${lead(order)}.`,
    ),
  ];
}

/** What each transfer strategy gains over ResNet-18 from scratch. */
function transferFinding(
  networks: readonly ComparedTraining[],
  transfers: readonly ComparedTraining[],
  score: ScoreName,
): Block[] {
  const scratch = networks.find(({ trained }) => trained.recipe.model === 'resnet18')?.trained.scores[score];
  if (scratch === null || scratch === undefined) return [];
  return transfers.flatMap(({ name, trained }) => {
    const value = trained.scores[score];
    if (value === null) return [];
    const gain = value - scratch;
    return [
      finding(
        `${capital(name)} ${gain > 0 ? 'gains' : gain < 0 ? 'loses' : 'changes nothing'}${gain === 0 ? '' : ` ${Math.abs(100 * gain).toFixed(1)} points of ${SCORE_LABELS[score]}`} against ResNet-18 from scratch (${percent(value)} and ${percent(scratch)}).`,
      ),
    ];
  });
}

/** What of PS5's results is looked at. */
const featureResults = z.looseObject({
  networks: z.record(z.string(), z.looseObject({ silhouette: z.number().nullable() })),
});

/** In the features of which network the classes lie apart best, where PS5 was run. */
function featureFinding(ps5: Record<string, unknown> | undefined): Block[] {
  const parsed = featureResults.safeParse(ps5);
  if (!parsed.success) return [];
  const order = Object.entries(parsed.data.networks)
    .flatMap(([name, { silhouette }]) => (silhouette === null ? [] : [{ name, silhouette }]))
    .sort((a, b) => b.silhouette - a.silhouette);
  if (order.length === 0) return [];
  const [best, ...others] = order.map(({ name, silhouette }) => `${silhouette.toFixed(3)} in those of ${name}`);
  const rest = others.length === 0 ? '' : `, ${listed(others)}`;
  return [
    finding(
      `Feature quality: the classes have a silhouette of ${best}${rest} (1: apart, 0: overlapping, below 0: nearer to another class than to their own).`,
    ),
  ];
}

/** Error rates by size of class under plain cross-entropy. */
function sizeFinding({ name, recalls: { largest, middle, smallest } }: ComparedTraining): Block[] {
  if (largest === null || smallest === null) return [];
  const between = middle === null ? '' : `, ${percent(1 - middle)} between`;
  return [
    finding(
      `Error rates by size of class under ${name}: ${percent(1 - largest)} in the third with most training images${between}, ${percent(1 - smallest)} in the third with fewest.`,
    ),
  ];
}

/** Whether confidence and accuracy agree under plain cross-entropy. */
function calibrationFinding({ name, trained }: ComparedTraining): Block[] {
  const { accuracy, calibration, expectedCalibrationError, samples } = trained.evaluation.metrics;
  const confidence = calibration.reduce((sum, bin) => sum + (bin.confidence ?? 0) * bin.count, 0) / samples;
  const side = confidence > accuracy ? 'over-confident' : confidence < accuracy ? 'under-confident' : 'neither';
  return [
    finding(
      `Calibration under ${name}: an expected calibration error of ${percent(expectedCalibrationError)}; with a mean confidence of ${percent(confidence)} at ${percent(accuracy)} accuracy it is on the whole ${side}.`,
    ),
  ];
}
