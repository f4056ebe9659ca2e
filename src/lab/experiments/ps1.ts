import { formatFlops, type Summary, summarize } from '../../nn/summary.ts';
import { buildModel } from '../../train/recipe.ts';
import { classDistribution } from '../plots/index.ts';
import { type Block, paragraph, table } from '../run/blocks.ts';
import type { Experiment, ExperimentOutcome, LabContext } from '../run/experiment.ts';
import { baseRecipe } from '../run/lab_recipes.ts';
import { formatTable } from '../terminal/text_table.ts';

/** PS1, architecture design: the long-tailed training set, and the lab's own network, layer by layer. */
export const ps1: Experiment = {
  id: 'ps1',
  title: 'Architecture design',
  question: 'What does the imbalanced training set look like, and of what does CustomCNN consist?',

  async run(context: LabContext): Promise<ExperimentOutcome> {
    const { gpu, data, configuration, say } = context;
    const { classNames, tail, counts } = data;
    for (const note of tail.notes) say(note);
    const rows = classNames.map((name, c) => [name, counts[c], (counts[c] / tail.indices.length).toFixed(3)] as const);
    say(formatTable(['class', 'training images', 'share'], rows));
    const ratio = `${tail.indices.length} training images; the largest class has ${tail.measuredRatio.toFixed(1)} times those of the smallest.`;
    say(ratio);
    const figure = await context.figure(
      classDistribution({ classNames, counts: tail.counts, title: 'Training images per class' }),
    );

    const recipe = baseRecipe(configuration, 'ps3');
    const model = gpu.scope(() => buildModel(gpu, recipe, data));
    say(`\nCustomCNN\n${model}`);
    const summary = summarize(model, [1, data.imageSize, data.imageSize, data.channels]);

    return {
      results: {
        trainingCounts: counts,
        measuredRatio: tail.measuredRatio,
        notes: tail.notes,
        model: { name: recipe.model, width: recipe.width, ...summary.totals },
      },
      section: [
        paragraph(`${tailWords(context)} ${ratio} ${trainingWords(context)}`),
        ...tail.notes.map(paragraph),
        figure,
        table('Training images of each class, and their share.', ['class', 'images', 'share'], rows),
        networkTable('CustomCNN', summary),
      ],
    };
  },
};

/** How the training images were chosen. */
function tailWords({ configuration, data }: LabContext): string {
  const { maxPerClass, imbalance } = configuration;
  if (imbalance !== null) {
    return `Class i of C keeps int(max · ratio^(−i/(C−1))) images, drawn without replacement: max ${maxPerClass}, ratio ${imbalance}.`;
  }
  const scaled =
    Math.max(...data.counts) === maxPerClass ? `, scaled down together so that the largest has ${maxPerClass}` : '';
  return `The classes keep the proportions that the data set has${scaled}.`;
}

/** What is tested on, and what is done to the images. */
function trainingWords({ data, dataset }: LabContext): string {
  const { count } = data.test;
  const tested = data.testIsImbalanced
    ? `The test set, with ${count} images, has more of some classes than of others.`
    : `The test set stays balanced, with ${count} images.`;
  const flipped = data.train.keeps.mirror
    ? ' and flipped with probability 0.5'
    : ', and not flipped, as that would change their classes';
  const [mean, std] = [dataset.mean, dataset.std].map((values) => values.map((value) => +value.toFixed(4)).join(', '));
  return `${tested} Training images are cropped at random after a padding of 4 pixels${flipped}; all are scaled to [0, 1] and normalised by the mean (${mean}) and deviation (${std}) of each channel.`;
}

/** A network as a table of its layers. */
function networkTable(name: string, { rows, totals }: Summary): Block {
  const { parameters, trainableParameters, flops } = totals;
  return table(
    `${name}: ${parameters.toLocaleString('en')} parameters, ${trainableParameters.toLocaleString('en')} of them trainable; ${formatFlops(flops)} for one image, a multiply-add counting as two.`,
    ['layer', 'type', 'output', 'parameters', 'FLOPs'],
    rows.map((row) => [
      row.name,
      row.details === '' ? row.type : `${row.type} (${row.details})`,
      row.outputShape.slice(1).join(' × '),
      row.parameters === 0 ? null : row.parameters,
      row.flops === 0 ? null : formatFlops(row.flops),
    ]),
  );
}
