import type { ClassifierOptions } from '../../nn/models/image_classifier.ts';
import { createModel, type ModelName } from '../../nn/models/index.ts';
import { outerLayers } from '../../nn/models/outer_layers.ts';
import type { Weights } from '../../nn/weights/read_weights.ts';
import type { Gpu } from '../../runtime/gpu.ts';

/** Width of a network that is made for the names of its layers alone. */
const NARROW = 1 / 16;
/** Height and width of the first convolution in ImageNet form. */
export const IMAGENET_KERNEL = 7;

/** For how many classes and channels weights of a network are, of which form it is and what its last layer, as far as names and shapes tell it. */
export function networkOfWeights(
  gpu: Gpu,
  weights: Weights,
  model: ModelName,
): Pick<ClassifierOptions, 'classes' | 'channels' | 'form' | 'classifier'> {
  return gpu.scope(() => {
    const { first, last } = outerLayers(createModel(gpu, model, { width: NARROW }));
    // In PyTorch's layouts: [classes, in] and [CO, CI, KH, KW].
    const classes = weights.get(`${last[0]}.weight`)?.shape[0];
    const [, channels, kernel] = weights.get(`${first[0]}.weight`)?.shape ?? [];
    const classifier = weights.has(`${last[0]}.scale`) ? 'cosine' : 'linear';
    return { classes, channels, form: kernel === IMAGENET_KERNEL ? 'imagenet' : 'cifar', classifier };
  });
}
