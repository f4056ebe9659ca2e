import type { Gpu } from '../../runtime/gpu.ts';
import { CifarResNet } from './cifar_resnet.ts';
import { CUSTOM_CNN_DEFAULTS, CustomCNN } from './custom_cnn.ts';
import { EFFICIENTNET_B0_DEFAULTS, EfficientNetB0 } from './efficientnet_b0.ts';
import type { ClassifierOptions, ImageClassifier } from './image_classifier.ts';
import { ResNet18 } from './resnet18.ts';
import { ResNet34 } from './resnet34.ts';

const BUILDERS = {
  'custom-cnn': (gpu: Gpu, options: ClassifierOptions) => new CustomCNN(gpu, options),
  resnet18: (gpu: Gpu, options: ClassifierOptions) => new ResNet18(gpu, options),
  resnet34: (gpu: Gpu, options: ClassifierOptions) => new ResNet34(gpu, options),
  resnet20: (gpu: Gpu, options: ClassifierOptions) => new CifarResNet(gpu, 20, options),
  resnet32: (gpu: Gpu, options: ClassifierOptions) => new CifarResNet(gpu, 32, options),
  resnet44: (gpu: Gpu, options: ClassifierOptions) => new CifarResNet(gpu, 44, options),
  resnet56: (gpu: Gpu, options: ClassifierOptions) => new CifarResNet(gpu, 56, options),
  resnet110: (gpu: Gpu, options: ClassifierOptions) => new CifarResNet(gpu, 110, options),
  'efficientnet-b0': (gpu: Gpu, options: ClassifierOptions) => new EfficientNetB0(gpu, options),
} as const satisfies Record<string, (gpu: Gpu, options: ClassifierOptions) => ImageClassifier>;

/** A network that `createModel` knows. */
export type ModelName = keyof typeof BUILDERS;

/** The networks that `createModel` knows. */
export const MODEL_NAMES = Object.keys(BUILDERS) as ModelName[];

/** Probabilities that are the networks' own where nothing is given; a network that has no such layers names none. */
export const MODEL_DEFAULTS: Readonly<Record<ModelName, Pick<ClassifierOptions, 'dropout' | 'stochasticDepth'>>> = {
  'custom-cnn': CUSTOM_CNN_DEFAULTS,
  resnet18: {},
  resnet34: {},
  resnet20: {},
  resnet32: {},
  resnet44: {},
  resnet56: {},
  resnet110: {},
  'efficientnet-b0': EFFICIENTNET_B0_DEFAULTS,
};

/** The networks that have two forms, for small images and for large ones: see `ClassifierOptions.form`. */
export const TWO_FORMS: readonly ModelName[] = ['resnet18', 'resnet34'];

/** Factor of the channels at most: what is wider fits no device. */
export const MOST_WIDTH = 16;

/**
 * A network by its name, its first weights drawn. Throws RangeError for an unknown name, listing those there are, and for classes, channels or an
 * image size below 1 or a width that is not above 0 and at most 16.
 */
export function createModel(gpu: Gpu, name: ModelName, options: ClassifierOptions = {}): ImageClassifier {
  if (!Object.hasOwn(BUILDERS, name)) {
    throw new RangeError(`There is no model '${name}'; the models are: ${MODEL_NAMES.join(', ')}.`);
  }
  for (const option of ['classes', 'channels', 'imageSize'] as const) {
    const value = options[option];
    if (value !== undefined && !(Number.isSafeInteger(value) && value >= 1)) {
      throw new RangeError(`createModel: ${option} must be a whole number of at least 1, not ${value}.`);
    }
  }
  const { width = 1 } = options;
  if (!(width > 0 && width <= MOST_WIDTH)) {
    throw new RangeError(`createModel: width must be above 0 and at most ${MOST_WIDTH}, not ${width}.`);
  }
  return BUILDERS[name](gpu, options);
}
