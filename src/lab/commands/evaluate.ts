import { readFile } from 'node:fs/promises';
import { BatchSource } from '../../data/batch_source.ts';
import type { DatasetName, ImageDataset } from '../../data/image_dataset.ts';
import { SCORE_LABELS, SCORE_NAMES, scoresOf } from '../../metrics/scores.ts';
import { createModel, type ModelName } from '../../nn/models/index.ts';
import type { Module } from '../../nn/module.ts';
import { StateDictError } from '../../nn/state_dict.ts';
import { WeightsFormatError } from '../../nn/weights/format_error.ts';
import { loadWeights } from '../../nn/weights/load_weights.ts';
import { readWeights, type Weights } from '../../nn/weights/read_weights.ts';
import { openDevice } from '../../node.ts';
import { UserError } from '../../runtime/errors.ts';
import type { Rung } from '../../runtime/rungs.ts';
import { type Evaluation, evaluate } from '../../train/evaluation.ts';
import { DONE, STOPPED } from '../run/exit_codes.ts';
import { type RecordedNetwork, recordedNetwork, withRecorded } from '../run/recorded_network.ts';
import { Progress } from '../terminal/progress.ts';
import { formatTable, percent } from '../terminal/text_table.ts';
import { chooseDataset } from './choose_dataset.ts';

export interface EvaluateOptions {
  /** As the file of weights records it where left out; so are width, mean and std, and the data set. */
  model?: ModelName;
  /** File of weights. */
  weights: string;
  /** cifar10 where neither given nor recorded. */
  data?: DatasetName;
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
  rung?: Rung;
  json?: boolean;
  signal: AbortSignal;
}

/** Tests a network with weights from a file and prints its scores. Returns the exit code. Throws UserError for what does not fit. */
export async function runEvaluate(options: EvaluateOptions): Promise<number> {
  const { adapter, imageMemory, rung, batchSize, json = false, signal } = options;
  const { weights, recorded } = await readWeightsFile(options.weights);
  const asked = withRecorded(options, recorded, options.weights);
  const { model: name, width = 1, data = 'cifar10' } = asked;
  if (name === undefined) {
    throw new UserError(`The weights ${options.weights} do not say which network they are of; name it with --model.`);
  }
  const dataset = normalisedAs(await chooseDataset({ ...options, name: data, say: () => {} }), asked);
  const gpu = await openDevice({ adapter, imageMemory, rung });
  try {
    const { channels, height: imageSize, classNames } = dataset;
    const model = createModel(gpu, name, { classes: classNames.length, channels, width, imageSize });
    loadFile(model, weights, `${options.weights} does not fit ${name}${width === 1 ? '' : ` of width ${width}`}`);
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

/** What `--json` prints: scores from 0 to 1, weighted by support, null where one is not defined; mean cross-entropy; images. */
export function scoresForPrograms({ metrics, loss, targets }: Evaluation) {
  return { ...scoresOf(metrics), loss, count: targets.length };
}

/** The same for people: the data, a table, and what the scores are. */
export function scoresForPeople({ metrics, loss, targets }: Evaluation, dataset: ImageDataset): string {
  const scores = scoresOf(metrics);
  const right = Math.round(metrics.accuracy * targets.length);
  return [
    `${dataset.name}, ${dataset.source}`,
    formatTable(
      ['score', 'value'],
      [...SCORE_NAMES.map((name) => [SCORE_LABELS[name], percent(scores[name])]), ['loss', loss.toFixed(4)]],
    ),
    `${right} of ${targets.length} test images right. Precision, recall, F1 and ROC-AUC are weighted by support.`,
  ].join('\n');
}

/**
 * Reads a file of weights, and what it says of their network. Throws UserError, one sentence that names the file, where it cannot be read or is
 * damaged.
 */
export async function readWeightsFile(
  path: string,
): Promise<{ weights: Weights; recorded: RecordedNetwork | undefined }> {
  const file = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    const why =
      cause.code === 'ENOENT' ? 'there is no such file' : cause.code === 'EISDIR' ? 'it is a folder' : cause.message;
    throw new UserError(`The weights ${path} cannot be read: ${why}.`, { cause });
  });
  try {
    return { weights: readWeights(file), recorded: recordedNetwork(file) };
  } catch (cause) {
    if (!(cause instanceof WeightsFormatError)) throw cause;
    throw new UserError(`The weights ${path} cannot be used: ${cause.message}`, { cause });
  }
}

const MOST_NAMES = 3;

/** Loads weights. Throws UserError, one sentence that begins with `misfit`, where names or shapes do not fit; nothing is loaded then. */
export function loadFile(model: Module, weights: Weights, misfit: string): void {
  try {
    loadWeights(model, weights);
  } catch (cause) {
    if (!(cause instanceof StateDictError)) throw cause;
    const { mismatched, missing, unexpected } = cause;
    const kinds = [
      ['of another shape', mismatched],
      ['missing', missing],
      ['unexpected', unexpected],
    ] as const;
    const phrases = kinds.flatMap(([kind, names]) => {
      if (names.length === 0) return [];
      const more = names.length > MOST_NAMES ? ', …' : '';
      return [
        `${names.length} ${names.length === 1 ? 'is' : 'are'} ${kind} (${names.slice(0, MOST_NAMES).join(', ')}${more})`,
      ];
    });
    throw new UserError(`${misfit}: of its tensors ${phrases.join(', ')}.`, { cause });
  }
}

/** The data set, to be normalised by the means and deviations given. Throws UserError where they are not one for each channel. */
function normalisedAs(dataset: ImageDataset, { mean, std }: Pick<EvaluateOptions, 'mean' | 'std'>): ImageDataset {
  for (const [option, values] of [
    ['--mean', mean],
    ['--std', std],
  ] as const) {
    if (values && values.length !== dataset.channels) {
      throw new UserError(
        `${option} needs a number for each of ${dataset.channels} channels; ${values.length} were given.`,
      );
    }
  }
  return { ...dataset, mean: mean ?? dataset.mean, std: std ?? dataset.std };
}
