import { pick } from '../../data/batch_source.ts';
import { type ClassificationMetrics, predictedClasses } from '../../metrics/classification.ts';
import { topConfusedPairs } from '../../metrics/confusion.ts';
import type { Evaluation } from '../../train/evaluation.ts';
import {
  boxPlot,
  calibrationCurve,
  confidenceHistogram,
  confusionMatrices,
  imageGrid,
  MEANING,
} from '../plots/index.ts';
import { type Block, finding, table } from '../run/blocks.ts';
import type { LabContext } from '../run/experiment.ts';
import { percent } from '../terminal/text_table.ts';

/** A wrong prediction that is this confident is marked. */
const CONFIDENT = 0.7;
/** Images of the grid: four rows of four. */
const GRID = { images: 16, columns: 4 };

export interface ErrorsOfClass {
  total: number;
  errors: number;
  /** Errors over the class's test images; null where it has none. */
  errorRate: number | null;
  precision: number;
  recall: number;
}

export interface ConfidenceStatistics {
  count: number;
  /** null where there is none. */
  mean: number | null;
  /** Of the population: n; null where there is none. */
  deviation: number | null;
}

/** Each class's test images, and how many of them are predicted as another. */
export function errorsByClass({
  confusion,
  perClass,
}: Pick<ClassificationMetrics, 'confusion' | 'perClass'>): ErrorsOfClass[] {
  return perClass.map(({ support, precision, recall }, c) => {
    const errors = support - confusion[c][c];
    return { total: support, errors, errorRate: support > 0 ? errors / support : null, precision, recall };
  });
}

export function confidenceStatistics(values: ArrayLike<number>): ConfidenceStatistics {
  const count = values.length;
  if (count === 0) return { count, mean: null, deviation: null };
  const all = Array.from(values);
  const mean = all.reduce((sum, value) => sum + value, 0) / count;
  const squares = all.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { count, mean, deviation: Math.sqrt(squares / count) };
}

/** What a network gets wrong on the test images, how, and how sure it is of it: PS7's first part. */
export async function errorAnalysis(context: LabContext, network: string, evaluation: Evaluation) {
  const { classNames, classes } = context.data;
  const { metrics, targets, predictions, probabilities } = evaluation;
  const { confidence } = predictedClasses(probabilities, classes);
  const wrong = [...targets.keys()].filter((i) => predictions[i] !== targets[i]);
  const isWrong = new Set(wrong);
  const ofRight = confidence.filter((_, i) => !isWrong.has(i));
  const ofWrong = confidence.filter((_, i) => isWrong.has(i));
  const byClass = errorsByClass(metrics);
  const pairs = topConfusedPairs(metrics.confusion, 10);
  const statistics = { correct: confidenceStatistics(ofRight), wrong: confidenceStatistics(ofWrong) };
  const errorRate = wrong.length / targets.length;

  const section: Block[] = [
    finding(
      `${network} gets ${wrong.length} of ${targets.length} test images wrong, an error rate of ${percent(errorRate)}.`,
    ),
    table(
      'Errors of each class on the test images.',
      ['class', 'total', 'errors', 'error rate', 'precision', 'recall'],
      byClass.map((of, c) => [
        classNames[c],
        of.total,
        of.errors,
        percent(of.errorRate),
        percent(of.precision),
        percent(of.recall),
      ]),
    ),
    await context.figure(
      confusionMatrices({
        classNames,
        panels: [
          { title: 'Test images', matrix: metrics.confusion },
          { title: '% of each true class', matrix: metrics.confusion, normalised: true },
        ],
        title: `Confusion of ${network}`,
      }),
    ),
    table(
      'The ordered pairs confused most often; the rate is of the true class.',
      ['true class', 'taken for', 'images', 'rate'],
      pairs.map(({ truth, predicted, count, rate }) => [
        classNames[truth],
        classNames[predicted],
        count,
        percent(rate),
      ]),
    ),
    ...(await misclassified(context, evaluation, wrong, confidence)),
    await context.figure(confidenceHistogram({ correct: ofRight, wrong: ofWrong })),
    await context.figure(
      boxPlot({
        name: 'confidence_box_plot',
        title: 'Confidence of right and wrong predictions',
        groups: [
          { name: 'right', values: ofRight, colour: MEANING.correct },
          { name: 'wrong', values: ofWrong, colour: MEANING.wrong },
        ],
        valueName: 'confidence',
      }),
    ),
    await context.figure(
      calibrationCurve({
        bins: metrics.calibration.map(({ count, confidence, accuracy }) => ({
          count,
          confidence: confidence ?? 0,
          accuracy: accuracy ?? 0,
        })),
      }),
    ),
    confidenceTable(statistics),
    ...errorFindings(context, { byClass, pairs, statistics, metrics, ofWrong }),
  ];
  const results = {
    errors: wrong.length,
    samples: targets.length,
    errorRate,
    perClass: byClass,
    confusedPairs: pairs,
    confidence: statistics,
    confidentErrors: ofWrong.filter((value) => value > CONFIDENT).length,
    expectedCalibrationError: metrics.expectedCalibrationError,
  };
  return { results, section };
}

/** Sixteen wrong predictions, evenly spread over all of them in the order of the test set. */
async function misclassified(
  { dataset, data, figure }: LabContext,
  { targets, predictions }: Evaluation,
  wrong: readonly number[],
  confidence: Float32Array,
): Promise<Block[]> {
  if (wrong.length === 0) return [];
  const count = Math.min(GRID.images, wrong.length);
  const shown = Array.from({ length: count }, (_, i) => wrong[Math.floor((i * wrong.length) / count)]);
  const positions = Uint32Array.from(shown, (i) => data.testPositions[i]);
  const { images } = pick(dataset.test, positions, dataset);
  const { height, width, channels } = dataset;
  return [
    await figure(
      imageGrid({
        name: 'misclassified',
        title: 'Misclassified test images',
        caption: `${count} of the ${wrong.length} wrong predictions, evenly spread over them: the true class, the predicted one, and the confidence, red above ${CONFIDENT}, else orange.`,
        images: images.subarray(0, images.length),
        shape: [count, height, width, channels],
        columns: GRID.columns,
        captions: shown.map((i) => [
          `true: ${data.classNames[targets[i]]}`,
          `predicted: ${data.classNames[predictions[i]]}`,
          {
            text: `confidence ${confidence[i].toFixed(2)}`,
            colour: confidence[i] > CONFIDENT ? MEANING.wrong : MEANING.uncertain,
          },
        ]),
      }),
    ),
  ];
}

type Statistics = Record<'correct' | 'wrong', ConfidenceStatistics>;

function confidenceTable({ correct, wrong }: Statistics): Block {
  const round = (value: number | null) => (value === null ? null : Number(value.toFixed(3)));
  return table(
    'Confidence of the predictions: mean and standard deviation.',
    ['predictions', 'number', 'mean', 'deviation'],
    [
      ['right', correct.count, round(correct.mean), round(correct.deviation)],
      ['wrong', wrong.count, round(wrong.mean), round(wrong.deviation)],
    ],
  );
}

interface ErrorNumbers {
  byClass: readonly ErrorsOfClass[];
  pairs: ReturnType<typeof topConfusedPairs>;
  statistics: Statistics;
  metrics: ClassificationMetrics;
  ofWrong: Float32Array;
}

function errorFindings({ data }: LabContext, { byClass, pairs, statistics, metrics, ofWrong }: ErrorNumbers): Block[] {
  const { classNames, counts } = data;
  const findings: string[] = [];
  const known = [...byClass.keys()].filter((c) => byClass[c].errorRate !== null);
  const rate = (c: number) => byClass[c].errorRate ?? 0;
  if (known.length >= 4) {
    const bySize = [...known].sort((a, b) => counts[b] - counts[a] || a - b);
    const half = Math.floor(bySize.length / 2);
    const mean = (group: number[]) => group.reduce((sum, c) => sum + rate(c), 0) / group.length;
    const [large, small] = [mean(bySize.slice(0, half)), mean(bySize.slice(-half))];
    const how = small > large ? 'more often wrong than' : small < large ? 'less often wrong than' : 'as often wrong as';
    findings.push(
      `The ${half} classes with the fewest training images are ${how} the ${half} with the most: their error rates are ${percent(small)} and ${percent(large)} in the mean.`,
    );
  }
  const worst = known.reduce((most, c) => (rate(c) > rate(most) ? c : most), known[0]);
  findings.push(
    `The class with the highest error rate is ${classNames[worst]}, ${percent(rate(worst))}, which has ${counts[worst]} training images.`,
  );
  const [pair] = pairs;
  if (pair) {
    findings.push(
      `The pair confused most is ${classNames[pair.truth]} taken for ${classNames[pair.predicted]}: ${pair.count} images, ${percent(pair.rate)} of the class.`,
    );
  }
  const { correct, wrong } = statistics;
  if (correct.mean !== null && wrong.mean !== null) {
    const confident = ofWrong.filter((value) => value > CONFIDENT).length;
    findings.push(
      `Right predictions have a mean confidence of ${correct.mean.toFixed(3)}, wrong ones of ${wrong.mean.toFixed(3)}; ${confident} of ${wrong.count} wrong ones are above ${CONFIDENT}.`,
    );
  }
  const { count: right } = correct;
  const total = right + wrong.count;
  const meanConfidence = ((correct.mean ?? 0) * right + (wrong.mean ?? 0) * wrong.count) / total;
  const lean = meanConfidence > right / total ? 'too sure' : 'not sure enough';
  findings.push(
    `The expected calibration error is ${metrics.expectedCalibrationError.toFixed(3)}: with a mean confidence of ${percent(meanConfidence)} at an accuracy of ${percent(right / total)} the network is on the whole ${lean}.`,
  );
  return findings.map(finding);
}
