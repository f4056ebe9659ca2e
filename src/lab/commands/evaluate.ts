import { BatchSource } from '../../data/batch_source.ts';
import { withClasses } from '../../data/class_order.ts';
import { type ImageDataset, isKnown } from '../../data/image_dataset.ts';
import { SCORE_LABELS, scoreNames, scoresOf } from '../../metrics/scores.ts';
import type { ModelName } from '../../nn/models/index.ts';
import { openDevice } from '../../node.ts';
import type { RungName } from '../../runtime/rungs.ts';
import { type Evaluation, evaluate } from '../../train/evaluation.ts';
import { type DataReading, readingOf } from '../run/data_fields.ts';
import { DONE, STOPPED } from '../run/exit_codes.ts';
import { type RecordedNetwork, withRecorded } from '../run/recorded_network.ts';
import { applyVerification } from '../run/verification.ts';
import { checkNormalisation, namedModel, networkFrom, readWeightsFile } from '../run/weights_file.ts';
import { Progress } from '../terminal/progress.ts';
import { formatTable, percent } from '../terminal/text_table.ts';
import { checkData, chooseDataset, recordedData } from './choose_dataset.ts';

export interface EvaluateOptions extends Omit<DataReading, 'mirror'> {
  /** As the file of weights records it where left out; so are width, mean and std, and the data set. */
  model?: ModelName;
  /** File of weights. */
  weights: string;
  /** cifar10 where neither given nor recorded. */
  data?: string;
  dataDir?: string;
  /** Of each channel; those of the data set where neither given nor recorded. */
  mean?: number[];
  std?: number[];
  /** Only so many of the test images. */
  first?: number;
  batchSize: number;
  /** 1 where neither given nor recorded. */
  width?: number;
  adapter?: string;
  /** Most bytes of images that are kept on the device. */
  imageMemory?: number;
  /** Version of the kernels to take wherever it can run. Default: by the kind of adapter. */
  rung?: RungName;
  json?: boolean;
  signal: AbortSignal;
}

/** Tests a network with weights from a file and prints its scores. Returns the exit code. Throws UserError for what does not fit. */
export async function runEvaluate(options: EvaluateOptions): Promise<number> {
  const { adapter, imageMemory, rung, batchSize, json = false, signal } = options;
  checkData(options.data);
  const { weights, recorded } = await readWeightsFile(options.weights);
  const asked = withRecorded(options, recorded, options.weights);
  const { width, data = 'cifar10' } = asked;
  const name = namedModel(asked.model, options.weights);
  const dataset = normalisedAs(await testedDataset(options, data, recorded), asked);
  const gpu = await openDevice({ adapter, imageMemory, rung });
  try {
    await applyVerification(gpu);
    const { channels, height: imageSize, classNames } = dataset;
    const known = { classes: classNames.length, channels, width, imageSize };
    const model = networkFrom(gpu, { path: options.weights, weights }, name, known);
    const count = Math.min(options.first ?? Number.POSITIVE_INFINITY, dataset.test.labels.length);
    const positions = Uint32Array.from({ length: count }, (_, i) => i);
    const source = new BatchSource(gpu, dataset, dataset.test, positions);
    const progress = new Progress(name, count);
    const evaluation = await evaluate({
      ...{ gpu, model, source, batchSize, signal },
      onProgress: (done, total) => progress.update(done, [`${done} of ${total} images`]),
    }).finally(() => progress.stop());
    console.log(json ? JSON.stringify(scoresForPrograms(evaluation)) : scoresForPeople(evaluation, dataset));
    return DONE;
  } catch (error) {
    if (!signal.aborted || error !== signal.reason) throw error;
    return STOPPED;
  } finally {
    gpu.close();
  }
}

/**
 * The data set to test on, its classes in the order that the network knows. Images of one's own that are not those it was trained on are all tested
 * where the data set does not say which are for testing.
 * Throws UserError where it has a class that the network does not know.
 */
async function testedDataset(
  options: EvaluateOptions,
  data: string,
  recorded: RecordedNetwork | undefined,
): Promise<ImageDataset> {
  const { dataDir, signal } = options;
  const same = recorded?.data !== undefined && recordedData(data) === recorded.data;
  const reading = {
    ...(isKnown(data) ? {} : { imageSize: recorded?.imageSize, background: recorded?.reading?.background }),
    ...(same && recorded?.reading),
    ...readingOf(options),
  };
  const say = (text: string) => console.error(text);
  const testAll = !same && options.testShare === undefined;
  const dataset = await chooseDataset({ ...reading, name: data, testAll, dataDir, signal, say });
  return recorded?.classes && dataset.natural ? withClasses(dataset, recorded.classes) : dataset;
}

/**
 * What `--json` prints: scores from 0 to 1, precision, recall, F1 and ROC-AUC weighted by support, null where one is not defined; mean cross-entropy;
 * images.
 */
export function scoresForPrograms({ metrics, loss, targets }: Evaluation) {
  return { ...scoresOf(metrics), loss, count: targets.length };
}

/** The same for people: the data, a table, and what the scores are. */
export function scoresForPeople({ metrics, loss, targets }: Evaluation, dataset: ImageDataset): string {
  const scores = scoresOf(metrics);
  const right = Math.round(metrics.accuracy * targets.length);
  const counts = metrics.perClass.map(({ support }) => support);
  const imbalanced = new Set(counts).size > 1;
  return [
    `${dataset.name}, ${dataset.source}`,
    formatTable(
      ['score', 'value'],
      [...scoreNames(imbalanced).map((name) => [SCORE_LABELS[name], percent(scores[name])]), ['loss', loss.toFixed(4)]],
    ),
    ...(imbalanced ? [recallTable(metrics, dataset)] : []),
    `${right} of ${targets.length} test images right. Precision, recall, F1 and ROC-AUC are weighted by support.`,
  ].join('\n');
}

/** Classes that the table of recalls shows at most: those with most and those with fewest test images. */
const MOST_CLASSES = 20;

/** Recall of each class that has test images, those with most first. */
function recallTable({ perClass }: Evaluation['metrics'], { classNames }: ImageDataset): string {
  const order = [...perClass.keys()]
    .filter((c) => perClass[c].support > 0)
    .sort((a, b) => perClass[b].support - perClass[a].support || a - b);
  const half = MOST_CLASSES / 2;
  const shown = order.length > MOST_CLASSES ? [...order.slice(0, half), ...order.slice(-half)] : order;
  const rows = shown.map((c) => [classNames[c], `${perClass[c].support}`, percent(perClass[c].recall)]);
  if (shown.length < order.length) rows.splice(half, 0, [`… ${order.length - shown.length} more`, '', '']);
  return formatTable(['class', 'test images', 'recall'], rows);
}

/** The data set, to be normalised by the means and deviations given. Throws UserError where they are not one for each channel. */
export function normalisedAs(
  dataset: ImageDataset,
  { mean, std }: Pick<EvaluateOptions, 'mean' | 'std'>,
): ImageDataset {
  checkNormalisation({ mean, std }, dataset.channels);
  return { ...dataset, mean: mean ?? dataset.mean, std: std ?? dataset.std };
}
