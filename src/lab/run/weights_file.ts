import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { ClassifierOptions, ImageClassifier } from '../../nn/models/image_classifier.ts';
import { createModel, type ModelName } from '../../nn/models/index.ts';
import { StateDictError } from '../../nn/state_dict.ts';
import { WeightsFormatError } from '../../nn/weights/format_error.ts';
import { loadWeights } from '../../nn/weights/load_weights.ts';
import { readWeights, type Weights } from '../../nn/weights/read_weights.ts';
import { UserError } from '../../runtime/errors.ts';
import type { Gpu } from '../../runtime/gpu.ts';
import { networkOfWeights } from './network_of_weights.ts';
import { type RecordedNetwork, recordedNetwork } from './recorded_network.ts';

/** A file of weights, and what it says of their network. */
export interface WeightsFile {
  path: string;
  weights: Weights;
  recorded: RecordedNetwork | undefined;
  /** Of its bytes, in hexadecimal digits. */
  sha256: string;
}

/** Reads a file of weights. Throws UserError, one sentence that names the file, where it cannot be read or is damaged. */
export async function readWeightsFile(path: string): Promise<WeightsFile> {
  const file = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    const why =
      cause.code === 'ENOENT' ? 'there is no such file' : cause.code === 'EISDIR' ? 'it is a folder' : cause.message;
    throw new UserError(`The weights ${path} cannot be read: ${why}.`, { cause });
  });
  try {
    const sha256 = createHash('sha256').update(file).digest('hex');
    return { path, weights: readWeights(file), recorded: recordedNetwork(file), sha256 };
  } catch (cause) {
    if (!(cause instanceof WeightsFormatError)) throw cause;
    throw new UserError(`The weights ${path} cannot be used: ${cause.message}`, { cause });
  }
}

const MOST_NAMES = 3;

/** What `load` gives. Throws UserError, one sentence that begins with the file, where names or shapes do not fit the network. */
export function fitting<T>(path: string, name: string, width: number, load: () => T): T {
  try {
    return load();
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
    const hint = width !== 1 && mismatched.length > 0 ? '; published weights are of width 1' : '';
    const misfit = `${path} does not fit ${name}${width === 1 ? '' : ` of width ${width}`}`;
    throw new UserError(`${misfit}: of its tensors ${phrases.join(', ')}${hint}.`, { cause });
  }
}

/** The network that options or a file name. Throws UserError where neither does. */
export function namedModel(model: ModelName | undefined, path: string): ModelName {
  if (model !== undefined) return model;
  throw new UserError(`The weights ${path} do not say which network they are of; name it with --model.`);
}

/** Throws UserError where means or deviations are given that are not one for each channel. */
export function checkNormalisation({ mean, std }: { mean?: number[]; std?: number[] }, channels: number): void {
  for (const [option, values] of Object.entries({ mean, std })) {
    if (values === undefined || values.length === channels) continue;
    throw new UserError(`--${option} needs a number for each of ${channels} channels; ${values.length} were given.`);
  }
}

/** Of a network whose weights are in a file: what is known of it besides the shapes of the weights, which tell the rest. */
type Known = Pick<ClassifierOptions, 'classes' | 'channels' | 'width' | 'imageSize'>;

/** A network with the weights of a file. Throws UserError, one sentence that names the file, where names or shapes do not fit. */
export function networkFrom(
  gpu: Gpu,
  { path, weights }: { path: string; weights: Weights },
  name: ModelName,
  { width = 1, ...known }: Known,
): ImageClassifier {
  const told = networkOfWeights(gpu, weights, name);
  const given = Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined));
  const model = createModel(gpu, name, { ...told, ...given, width });
  fitting(path, name, width, () => loadWeights(model, weights));
  return model;
}
