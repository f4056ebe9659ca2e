import { outerLayers } from '../../nn/models/outer_layers.ts';
import type { Module } from '../../nn/module.ts';
import { UserError } from '../../runtime/errors.ts';
import type { Gpu } from '../../runtime/gpu.ts';
import { type FreezeCounts, freezeMatching, idlePattern } from '../../train/freeze.ts';
import { buildModel, type Recipe } from '../../train/recipe.ts';
import type { FineTuning } from '../run/fine_tuning_fields.ts';
import { networkOfWeights } from '../run/network_of_weights.ts';
import type { WeightsFile } from '../run/weights_file.ts';
import { type NetworkImages, networkWithWeights, transferExtras } from './network_with_weights.ts';

/** What a network goes on from. */
export interface FineTunedNetwork {
  gpu: Gpu;
  recipe: Recipe;
  images: NetworkImages;
  /** Names of the images' classes. */
  classNames: readonly string[];
  fineTuning: FineTuning;
  /** Left out where the weights come from elsewhere, as from a checkpoint. */
  file?: WeightsFile;
}

/**
 * A recipe's network with the weights of a file, parts of it frozen. lines: what was kept, what is new and what is frozen.
 * @throws UserError, one sentence, where the file does not fit, a name to freeze is none of the network's, or what is new would not learn.
 */
export function fineTunedNetwork(given: FineTunedNetwork): { model: Module; lines: string[] } {
  const { gpu, recipe, images, classNames, fineTuning, file } = given;
  const { freeze = [] } = fineTuning;
  if (file === undefined) {
    const model = buildModel(gpu, recipe, images);
    return { model, lines: frozenLines(freezeParts(model, recipe, freeze), freeze) };
  }
  const known = file.recorded?.classes;
  const otherClasses = known !== undefined && JSON.stringify(known) !== JSON.stringify(classNames);
  const { model, notices } = networkWithWeights(gpu, recipe, images, file, { otherClasses });
  const counts = freezeParts(model, recipe, freeze);
  const [head, layer] = outerLayers(model).last;
  const isNew = notices.some((notice) => notice.startsWith('The last layer'));
  if (isNew && layer.ownParameters().some(({ requiresGrad }) => !requiresGrad)) {
    throw new UserError(`--freeze would keep the last layer, ${head}, from learning, but it is new; leave it out.`);
  }
  const all = model.stateDict().size;
  const same = known
    ? `the last layer, ${head}, too: the classes are the same`
    : `the last layer, ${head}, too: it is for ${layer.weight.shape[1]} classes as well, whether for the same ones the file does not say`;
  const kept = isNew
    ? `${all - layer.ownParameters().length} of ${all} tensors are kept`
    : `all ${all} tensors are kept, ${same}`;
  const sentences = [`Weights: ${file.path}, of ${recipe.model}: ${kept}.`, ...notices];
  return { model, lines: [sentences.join(' '), ...frozenLines(counts, freeze), normalisationLine(file, fineTuning)] };
}

/** What was kept of a file, what is new and what is frozen, in lines. Leaves nothing on the device. Throws UserError; see `fineTunedNetwork`. */
export function startingLines(given: FineTunedNetwork): string[] {
  let lines: string[] = [];
  given.gpu.scope(() => {
    lines = fineTunedNetwork(given).lines;
  });
  return lines;
}

/** Throws UserError, see `fineTunedNetwork`, where weights do not fit a recipe's network, whatever the classes: before images are read, which may take long. */
export function checkFits(gpu: Gpu, recipe: Recipe, file: WeightsFile, fineTuning: FineTuning): void {
  const { classes = 2 } = networkOfWeights(gpu, file.weights, recipe.model);
  const images = { classes, channels: 3, imageSize: 32 };
  startingLines({ gpu, recipe, images, classNames: file.recorded?.classes ?? [], fineTuning, file });
}

/** What a training needs that goes on from weights, by whatever recipe. */
export function fineTuningExtras(given: Omit<FineTunedNetwork, 'recipe'>) {
  return transferExtras(async (recipe) => fineTunedNetwork({ ...given, recipe }).model, given.fineTuning.headLr);
}

/** Freezes by the patterns of `--freeze`. */
function freezeParts(model: Module, { model: name }: Recipe, patterns: readonly string[]): FreezeCounts {
  const idle = idlePattern(model, patterns);
  if (idle !== undefined) {
    const parts = new Set(model.namedParameters().map(([parameter]) => parameter.split('.')[0]));
    throw new UserError(`--freeze: ${name} has nothing called ${idle}; it consists of ${[...parts].join(', ')}.`);
  }
  const counts = freezeMatching(model, patterns);
  if (counts.trainable > 0) return counts;
  throw new UserError('--freeze leaves nothing to learn; leave something out of it.');
}

function frozenLines({ trainable, frozen }: FreezeCounts, patterns: readonly string[]): string[] {
  if (patterns.length === 0) return [];
  const count = (value: number) => value.toLocaleString('en-US');
  return [
    `Frozen (${patterns.join(', ')}): ${count(frozen)} of ${count(frozen + trainable)} parameters, their batch norms in evaluation mode; ${count(trainable)} learn.`,
  ];
}

function normalisationLine({ recorded }: WeightsFile, { mean, std }: FineTuning): string {
  if (mean === undefined && std === undefined) {
    return 'Images are normalised by the mean and deviation of the data set: the weights do not say theirs; --mean and --std do.';
  }
  const short = (values: readonly number[] | undefined) =>
    values === undefined ? "the data set's" : values.map((value) => Number(value.toFixed(4))).join(', ');
  const whose = mean === recorded?.mean && std === recorded?.std ? ' as the weights record' : '';
  return `Images are normalised${whose}: mean ${short(mean)}; deviation ${short(std)}.`;
}
