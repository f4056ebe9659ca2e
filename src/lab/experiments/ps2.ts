import { classCounts } from '../../data/class_counts.ts';
import type { SamplerName } from '../../data/samplers/index.ts';
import { leadingScores, SCORE_LABELS, type ScoreName, scoreNames } from '../../metrics/scores.ts';
import { classWeights } from '../../nn/losses/class_weights.ts';
import { buildSampler, buildSource } from '../../train/recipe.ts';
import { confusionMatrix, metricBars } from '../plots/index.ts';
import { RECALL_COLUMNS, scoreTable } from '../report/score_table.ts';
import { type Block, paragraph, table } from '../run/blocks.ts';
import type { Configuration } from '../run/configuration.ts';
import type { Experiment, ExperimentOutcome, LabContext } from '../run/experiment.ts';
import { baseRecipe } from '../run/lab_recipes.ts';
import { type ComparedTraining, type Contender, compareTrainings, comparisonResults } from './compare_trainings.ts';
import { bestFinding, caveat, counted, minorityFinding, recallFinding, testImages } from './score_findings.ts';

/** The samplers compared, and how they are called. */
const SAMPLERS: readonly (readonly [SamplerName, string])[] = [
  ['random-oversampling', 'random oversampling'],
  ['random-undersampling', 'random undersampling'],
  ['balanced', 'balanced sampling'],
  ['smote', 'SMOTE'],
];

/** CustomCNN without any remedy, and with each; all see as many images as the training set has in an epoch. */
function contenders(configuration: Configuration): Contender[] {
  const base = baseRecipe(configuration, 'ps2');
  return [
    { name: 'no remedy', recipe: base },
    ...SAMPLERS.map(([sampler, name]): Contender => ({ name, recipe: { ...base, sampler, draws: 'images' } })),
    { name: 'class weights', recipe: { ...base, loss: 'weighted-ce' } },
    { name: 'targeted augmentation', recipe: { ...base, augmentation: 'targeted' } },
  ];
}

/** PS2, imbalance handling: what samplers, SMOTE, class weights and targeted augmentation do to the classes, and to what is learned. */
export const ps2: Experiment = {
  id: 'ps2',
  title: 'Imbalance handling',
  question: 'What do resampling, class weights and targeted augmentation do for the rare classes, and at what cost?',
  trainings: contenders,

  async run(context: LabContext): Promise<ExperimentOutcome> {
    const { configuration, data } = context;
    const compared = await compareTrainings(context, contenders(configuration));
    const leading = leadingScores(data.testIsImbalanced);
    const shown = [leading.overall, leading.f1];
    const [baseline, ...remedies] = compared;
    const { confusion } = baseline.trained.evaluation.metrics;
    const bars = await context.figure(
      metricBars({
        models: compared.map(({ name }) => name),
        metrics: [...shown.map((score) => SCORE_LABELS[score]), 'recall, largest third', 'recall, smallest third'],
        scores: compared.map(({ trained: { scores }, recalls }) =>
          [...shown.map((score) => scores[score]), recalls.largest, recalls.smallest].map(
            (score) => score ?? Number.NaN,
          ),
        ),
        title: 'What each remedy changes',
        caption: `Scores on ${testImages(data)}, from 0 to 1, higher is better: over all classes, and the mean recall of the third of the classes with most and with fewest training images.`,
      }),
    );
    const matrix = await context.figure(
      confusionMatrix({
        classNames: data.classNames,
        matrix: confusion,
        title: 'Confusion matrix without a remedy',
        caption: `CustomCNN under plain cross-entropy on ${testImages(data)}. Rows are the true classes${configuration.imbalance === null ? '' : ', the most frequent in training first'}, columns the predicted ones; the diagonal is right.`,
      }),
    );
    return {
      results: {
        sampling: Object.fromEntries(samplingCounts(context)),
        weights: lossWeights(data.counts),
        remedies: comparisonResults(compared),
        confusion,
      },
      section: [
        paragraph(
          `Samplers choose which images an epoch shows: oversampling repeats images of small classes until each has as many as the largest; undersampling draws each class down to the smallest one; balanced sampling draws with replacement with weights 1/count; SMOTE adds images between neighbours of a small class. Class weights leave the images alone and weigh the loss. Each trains CustomCNN for ${counted(configuration.epochs.ps2, 'epoch')} of ${data.train.count} draws.`,
        ),
        samplingTable(context),
        weightsTable(context),
        bars,
        scoreTable('The scores under each remedy, and recall by size of class.', compared, {
          names: scoreNames(data.testIsImbalanced),
          more: RECALL_COLUMNS,
        }),
        matrix,
        ...recallFinding([baseline]),
        ...minorityFinding(remedies, baseline),
        ...bestFinding(compared, leading.f1, 'of them'),
        ...worseFinding(compared, leading.f1),
        caveat(context),
      ],
    };
  },
};

/** Images of each class in an epoch: as they are, and as each sampler draws them in its own first epoch. */
function samplingCounts({ configuration, data }: LabContext): [name: string, counts: number[]][] {
  const base = baseRecipe(configuration, 'ps2');
  const sampled = SAMPLERS.map(([sampler, name]): [string, number[]] => {
    const recipe = { ...base, sampler };
    const source = buildSource(recipe, data);
    const order = buildSampler(recipe, source, data).epochOrder(0);
    return [
      name,
      classCounts(
        Uint32Array.from(order, (position) => source.labels[position]),
        data.classes,
      ),
    ];
  });
  return [['as they are', [...data.counts]], ...sampled];
}

function samplingTable(context: LabContext): Block {
  const counts = samplingCounts(context);
  const { classNames } = context.data;
  return table(
    "Images of each class before sampling, and in each sampler's own first epoch.",
    ['class', ...counts.map(([name]) => name)],
    [
      ...classNames.map((name, c) => [name, ...counts.map(([, of]) => of[c])]),
      ['all', ...counts.map(([, of]) => of.reduce((sum, count) => sum + count, 0))],
    ],
  );
}

/** Weights of the classes under the losses that weigh them. */
function lossWeights(counts: readonly number[]): { inverse: number[]; effectiveNumber: number[] } {
  return { inverse: classWeights(counts, 'inverse'), effectiveNumber: classWeights(counts, 'effective-number') };
}

function weightsTable({ data }: LabContext): Block {
  const { inverse, effectiveNumber } = lossWeights(data.counts);
  return table(
    'Weights of the classes, scaled to add up to the number of classes: 1/count in weighted cross-entropy, (1 − β)/(1 − βⁿ) with β 0.9999 in the class-balanced loss.',
    ['class', 'images', 'weighted cross-entropy', 'class-balanced'],
    data.classNames.map((name, c) => [name, data.counts[c], inverse[c].toFixed(3), effectiveNumber[c].toFixed(3)]),
  );
}

/** Remedies that do worse than none by a score. */
function worseFinding([baseline, ...remedies]: readonly ComparedTraining[], by: ScoreName): Block[] {
  const score = (of: ComparedTraining) => of.trained.scores[by] ?? Number.NaN;
  const worse = remedies.filter((of) => score(of) < score(baseline)).map(({ name }) => name);
  if (worse.length === 0) return [];
  return [
    paragraph(
      `By ${SCORE_LABELS[by]} over all classes ${worse.length === 1 ? 'this remedy does' : 'these do'} worse here than no remedy: ${worse.join(', ')}.`,
    ),
  ];
}
