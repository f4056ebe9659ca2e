import { classCounts } from '../../data/class_counts.ts';
import type { ImageDataset } from '../../data/image_dataset.ts';
import type { LongTailedData, LongTailedDataOptions } from '../../data/training_data.ts';
import type { AdapterDescription } from '../../runtime/adapter.ts';
import type { Gpu } from '../../runtime/gpu.ts';
import { percent } from '../terminal/text_table.ts';
import type { DatasetResults, TrainingResults } from './lab_results.ts';
import type { Repetition } from './trained_model.ts';

/** A training as results.json holds it. */
export function describeTraining(trained: Repetition): TrainingResults {
  const { key, recipe, variant, ownData, size, history, keptEpoch, skippedSteps, evaluation } = trained;
  return {
    name: key.replace(/-[0-9a-f]{8}$/, ''),
    recipe,
    variant: variant ?? null,
    ownData,
    ...size,
    history,
    ...(keptEpoch !== undefined && { keptEpoch }),
    ...(skippedSteps !== undefined && { skippedSteps }),
    test: {
      loss: evaluation.loss,
      ...evaluation.metrics,
      macro: { ...evaluation.metrics.macro },
      perClass: evaluation.metrics.perClass.map((scores) => ({ ...scores })),
    },
  };
}

/** A data set and what of it is used, as results.json holds it. */
export function describeData(dataset: ImageDataset, data: LongTailedData): DatasetResults {
  return {
    name: dataset.name,
    source: dataset.source,
    classNames: [...dataset.classNames],
    trainingImages: dataset.train.labels.length,
    testImages: dataset.test.labels.length,
    trainingCounts: [...data.counts],
    measuredRatio: data.tail.measuredRatio,
    tested: data.test.count,
    ...(data.testIsImbalanced && { testCounts: classCounts(data.test.labels, data.classes) }),
  };
}

/** What guessing comes to, as a clause: the share of the test images that are of the largest class in training. */
export function guessPhrase({ classNames, trainingCounts, testCounts }: DatasetResults): string {
  const largest = trainingCounts.indexOf(Math.max(...trainingCounts));
  const all = testCounts?.reduce((sum, count) => sum + count, 0);
  const share = all === undefined ? 1 / classNames.length : testCounts![largest] / all;
  return `always guessing ${classNames[largest]}, the largest class, is right for ${percent(share)} of them`;
}

/** How an imbalance was made, and which images are trained on, where that is not all. */
export function tailLines(
  {
    imbalance,
    imbalanceType = 'long-tail',
    tailImages = 'random',
  }: Pick<LongTailedDataOptions, 'imbalance' | 'imbalanceType' | 'tailImages'>,
  seed: number,
): string[] {
  if (imbalance === null || imbalance === 1) return [];
  const images = tailImages === 'first' ? 'the first ones' : `images drawn by seed ${seed}`;
  return [`Imbalance: ${imbalanceType}, ratio ${imbalance}, the classes in their order; of each class ${images}.`];
}

/** Classes whose counts a line names. */
const MOST_CLASSES = 12;

/** What is trained and tested on, in lines for the person watching: images, those of each class, and what guessing comes to. */
export function dataLines(described: DatasetResults): string[] {
  const { classNames, trainingCounts, testCounts, tested, measuredRatio } = described;
  const images = trainingCounts.reduce((sum, count) => sum + count, 0);
  const order = [...classNames.keys()].sort((a, b) => trainingCounts[b] - trainingCounts[a] || a - b);
  const shown =
    order.length <= MOST_CLASSES ? order : [...order.slice(0, MOST_CLASSES / 2), ...order.slice(-MOST_CLASSES / 2)];
  const phrases = shown.map((c) => `${classNames[c]} ${trainingCounts[c]}${testCounts ? ` (${testCounts[c]})` : ''}`);
  if (shown.length < order.length) phrases.splice(MOST_CLASSES / 2, 0, '…');
  return [
    `${images} training images, ${tested} test images of ${classNames.length} classes: ${guessPhrase(described)}.`,
    `Training images${testCounts ? ' (test images)' : ''} of each class: ${phrases.join(', ')}; largest to smallest ${measuredRatio.toFixed(1)}.`,
  ];
}

const nameOf = ({ description, device }: AdapterDescription) => description || device;

/** The adapter, in a line for the person watching. before: of a run that goes on, what it ran on: another one gives other bits, which a second line says. */
export function adapterLine({ adapter }: Pick<Gpu, 'adapter'>, before?: Readonly<Record<string, unknown>>): string {
  const line = `Adapter: ${nameOf(adapter)}${adapter.software ? ' (software: no GPU is used)' : ''}`;
  if (before === undefined || JSON.stringify(before.adapter) === JSON.stringify(adapter)) return line;
  const other = nameOf(before.adapter as AdapterDescription);
  return `${line}\nIt was begun on another adapter, ${other}: from here on its numbers differ in their last bits from those of one adapter alone.`;
}
