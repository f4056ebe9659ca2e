import { leadingScores, scoreNames } from '../../metrics/scores.ts';
import { formatFlops, summarize } from '../../nn/summary.ts';
import { confusionMatrices, metricBars, trainingCurves } from '../plots/index.ts';
import { RECALL_COLUMNS, scoreTable } from '../report/score_table.ts';
import { paragraph, table } from '../run/blocks.ts';
import type { Configuration } from '../run/configuration.ts';
import type { Experiment, ExperimentOutcome, LabContext } from '../run/experiment.ts';
import { baseRecipe, efficientnetRecipe, resnetRecipe } from '../run/lab_recipes.ts';
import {
  type ComparedTraining,
  type Contender,
  compareTrainings,
  comparisonResults,
  curvesOf,
  scoreMatrix,
} from './compare_trainings.ts';
import { bestFinding, caveat, recallFinding, scoresCaption } from './score_findings.ts';
import { trainedAlike, trainingTerms } from './training_terms.ts';

/** The three networks from scratch, under cross-entropy by Adam. */
export function architectures(configuration: Configuration): Contender[] {
  return [
    { name: 'CustomCNN', recipe: baseRecipe(configuration, 'ps3') },
    { name: 'ResNet-18', recipe: resnetRecipe(configuration, 'ps3') },
    { name: 'EfficientNet-B0', recipe: efficientnetRecipe(configuration) },
  ];
}

/** PS3, architectures compared: CustomCNN, ResNet-18 and EfficientNet-B0, from scratch. */
export const ps3: Experiment = {
  id: 'ps3',
  title: 'Architectures compared',
  question: 'Which of three networks, trained from scratch, does best on imbalanced images?',
  trainings: architectures,

  async run(context: LabContext): Promise<ExperimentOutcome> {
    const { configuration, data } = context;
    const contenders = architectures(configuration);
    const compared = await compareTrainings(context, contenders);
    const leading = leadingScores(data.testIsImbalanced);
    const figures = [
      await context.figure(trainingCurves({ runs: compared.map(curvesOf), title: 'Training of three networks' })),
      await context.figure(
        metricBars({
          ...scoreMatrix(
            compared.map(({ name, trained }) => ({ name, scores: trained.scores })),
            scoreNames(data.testIsImbalanced),
          ),
          title: 'Scores of three networks',
          caption: scoresCaption(context, 'higher'),
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
    const three = trainedAlike(contenders)
      ? 'of the three networks'
      : 'of the three networks, which are not trained alike';
    return {
      results: { networks: comparisonResults(compared) },
      section: [
        paragraph(trainingText(contenders)),
        await networkSizes(compared, context),
        figures[0],
        figures[1],
        scoreTable('The scores of each network, and recall by size of class.', compared, {
          names: scoreNames(data.testIsImbalanced),
          more: RECALL_COLUMNS,
        }),
        figures[2],
        ...bestFinding(compared, leading.overall, three),
        ...bestFinding(compared, leading.f1, three),
        ...recallFinding(compared),
        caveat(context),
      ],
    };
  },
};

/** How the networks are trained, and whether that makes the comparison one of more than the networks. */
function trainingText(contenders: readonly Contender[]): string {
  const unlike = trainedAlike(contenders)
    ? ''
    : ' The trainings differ, so the scores compare each network together with its training, not the networks alone.';
  const depth = contenders.find(({ recipe }) => recipe.model === 'efficientnet-b0')?.recipe.stochasticDepth ?? 0;
  const blocks =
    depth === 0
      ? 'EfficientNet-B0 is trained without stochastic depth.'
      : `EfficientNet-B0's blocks are left out with a probability that rises to ${depth} (stochastic depth).`;
  return `${trainingTerms(contenders)}; all by Adam with weight decay 1e-4 under plain cross-entropy. ${blocks}${unlike}`;
}

async function networkSizes(compared: readonly ComparedTraining[], { data }: Pick<LabContext, 'data'>) {
  const { imageSize, channels } = data;
  const rows: (string | number)[][] = [];
  for (const { name, trained } of compared) {
    const { recipe, withModel } = trained;
    const { totals } = await withModel((model) => summarize(model, [1, imageSize, imageSize, channels]));
    rows.push([name, recipe.width, totals.parameters.toLocaleString('en'), formatFlops(totals.flops)]);
  }
  return table(
    'The networks at their widths; FLOPs for one image, a multiply-add counting as two. How long each trained stands among all trainings, below.',
    ['', 'width', 'parameters', 'FLOPs'],
    rows,
  );
}
