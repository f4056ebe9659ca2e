import type { TrainingData } from '../../data/training_data.ts';
import type { ImageClassifier } from '../../nn/models/image_classifier.ts';
import type { Module } from '../../nn/module.ts';
import { loadPretrained } from '../../nn/weights/load_pretrained.ts';
import type { Gpu } from '../../runtime/gpu.ts';
import { headGroups, trainUnfrozen } from '../../train/freeze.ts';
import { buildModel, buildOptimizer, type Recipe } from '../../train/recipe.ts';
import type { TrainingExtras } from '../run/trained_model.ts';
import { fitting, type WeightsFile } from '../run/weights_file.ts';

/** The images that a network is built for. */
export type NetworkImages = Pick<TrainingData, 'classes' | 'channels' | 'imageSize'>;

/**
 * A recipe's network with the weights of a file; its last layer is drawn by the recipe's seed where the classes are others. notices: what was changed, a
 * sentence each. Throws UserError, one sentence that names the file, where names or shapes do not fit.
 */
export function networkWithWeights(
  gpu: Gpu,
  recipe: Recipe,
  images: NetworkImages,
  { path, weights }: Pick<WeightsFile, 'path' | 'weights'>,
  options: { otherClasses?: boolean } = {},
): { model: ImageClassifier; notices: string[] } {
  const model = buildModel(gpu, recipe, images);
  const notices = fitting(path, recipe.model, recipe.width, () => loadPretrained(model, weights, options));
  return { model, notices };
}

/** What PS6's trainings need, and those of `wgrad train` that go on from weights. headLr: of the last layer; the recipe's rate if left out. */
export function transferExtras(buildModel: (recipe: Recipe) => Promise<Module>, headLr?: number) {
  const buildHead = (lr: number) => (recipe: Recipe, model: Module) => buildOptimizer(recipe, headGroups(model, lr));
  return {
    buildModel,
    ...(headLr !== undefined && { buildOptimizer: buildHead(headLr) }),
    setMode: trainUnfrozen,
  } satisfies Partial<TrainingExtras>;
}
