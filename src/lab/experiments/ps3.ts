import { formatFlops, summarize } from '../../nn/summary.ts';
import type { Configuration } from '../configuration.ts';
import { confusionMatrices, metricBars, trainingCurves } from '../plots/index.ts';
import { formatDuration } from '../progress.ts';
import { paragraph, table } from '../report/blocks.ts';
import { RECALL_COLUMNS, scoreTable } from '../report/score_table.ts';
import { type Compared, type Contender, compare, comparisonResults, curvesOf, scoreMatrix } from './comparison.ts';
import type { Experiment, ExperimentOutcome, LabContext } from './experiment.ts';
import { bestFinding, caveat, counted, recallFinding } from './findings.ts';
import { modelRecipe } from './recipes.ts';

/** The three networks from scratch, under cross-entropy by Adam. */
export function architectures(configuration: Configuration): Contender[] {
  return [
    { name: 'CustomCNN', recipe: modelRecipe(configuration, 'ps3', 'custom-cnn') },
    { name: 'ResNet-18', recipe: modelRecipe(configuration, 'ps3', 'resnet18') },
    { name: 'EfficientNet-B0', recipe: modelRecipe(configuration, 'ps3', 'efficientnet-b0') },
  ];
}

/** PS3, architectures compared: CustomCNN, ResNet-18 and EfficientNet-B0, trained alike. */
export const ps3: Experiment = {
  id: 'ps3',
  title: 'Architectures compared',
  question: 'Which of three networks, trained alike from scratch, does best on the long tail?',
  trainings: architectures,

  async run(context: LabContext): Promise<ExperimentOutcome> {
    const { configuration, data } = context;
    const compared = await compare(context, architectures(configuration));
    const figures = [
      await context.figure(trainingCurves({ runs: compared.map(curvesOf), title: 'Training of three networks' })),
      await context.figure(
        metricBars({
          ...scoreMatrix(compared.map(({ name, trained }) => ({ name, scores: trained.scores }))),
          title: 'Scores of three networks',
          caption: `Scores on ${data.test.count} balanced test images, from 0 to 1, higher is better; precision, recall, F1 and ROC-AUC weighted by support.`,
        }),
      ),
      await context.figure(
        confusionMatrices({
          classNames: data.classNames,
          panels: compared.map(({ name, trained }) => ({ title: name, matrix: trained.evaluation.metrics.confusion })),
          title: 'Confusion matrices of three networks',
        }),
      ),
    ];
    const { epochs, batchSize } = configuration;
    return {
      results: { networks: comparisonResults(compared) },
      section: [
        paragraph(
          `Each network is trained from scratch for ${counted(epochs.ps3, 'epoch')} in batches of ${batchSize}, by Adam with learning rate 1e-3 and weight decay 1e-4 under plain cross-entropy.`,
        ),
        networkSizes(compared, context),
        figures[0],
        figures[1],
        scoreTable('The five scores of each network, and recall by size of class.', compared, { more: RECALL_COLUMNS }),
        figures[2],
        ...bestFinding(compared, 'accuracy', 'of the three networks'),
        ...bestFinding(compared, 'f1', 'of the three networks'),
        ...recallFinding(compared),
        caveat(context),
      ],
    };
  },
};

function networkSizes(compared: readonly Compared[], { data }: Pick<LabContext, 'data'>) {
  const { imageSize, channels } = data;
  return table(
    'The networks at their widths; FLOPs for one image, a multiply-add counting as two; time and speed of the training.',
    ['', 'width', 'parameters', 'FLOPs', 'training', 'images/s'],
    compared.map(({ name, trained: { model, recipe, timings } }) => {
      const { parameters, flops } = summarize(model, [1, imageSize, imageSize, channels]).totals;
      return [
        name,
        recipe.width,
        parameters.toLocaleString('en'),
        formatFlops(flops),
        formatDuration(timings.trainingSeconds),
        timings.imagesPerSecond.toFixed(0),
      ];
    }),
  );
}
