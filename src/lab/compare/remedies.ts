import { UserError } from '../../runtime/errors.ts';
import type { Recipe } from '../../train/recipe.ts';

/** What can be done about an imbalance: what a remedy changes in a recipe. */
export interface Remedy {
  /** One line for people. */
  description: string;
  changes: (recipe: Pick<Recipe, 'epochs'>) => Partial<Recipe>;
}

/** Share of the epochs after which deferred remedies begin. */
const DEFERRED = 0.8;

/** A second stage in the place of the last epochs, so that a remedy with one is trained for as many as the others. */
function twoStages(
  { epochs }: Pick<Recipe, 'epochs'>,
  secondStage: NonNullable<Recipe['secondStage']>,
): Partial<Recipe> {
  const secondEpochs = Math.min(Math.ceil(epochs / 5), epochs - 1);
  if (secondEpochs < 1) return { secondStage };
  return { secondStage, epochs: epochs - secondEpochs, secondEpochs };
}

const always = (changes: Partial<Recipe>) => () => changes;
const DRW = { loss: 'class-balanced-ce', deferWeights: DEFERRED } as const;

/** The name of what remedies are compared with. */
export const BASELINE = 'baseline';

/** The remedies by their names; docs/methods.md says what each is. */
export const REMEDIES: Readonly<Record<string, Remedy>> = {
  'class-weights': {
    description: 'the loss weights each class by its effective number of images',
    changes: always({ loss: 'class-balanced-ce' }),
  },
  'sqrt-weights': {
    description: 'the loss weights each class by 1 / √ its number of images',
    changes: always({ loss: 'sqrt-weighted-ce' }),
  },
  focal: { description: 'focal loss: images that are right already count less', changes: always({ loss: 'focal' }) },
  'balanced-sampling': {
    description: 'all classes are drawn alike',
    changes: always({ sampler: 'balanced' }),
  },
  'sqrt-sampling': {
    description: 'classes are drawn by the square roots of their sizes',
    changes: always({ sampler: 'square-root' }),
  },
  'progressive-sampling': {
    description: 'classes are drawn by their sizes at first, alike at last',
    changes: always({ sampler: 'progressively-balanced' }),
  },
  'balanced-softmax': {
    description: 'the loss takes the classes’ sizes into account, the predictions do not',
    changes: always({ loss: 'balanced-softmax' }),
  },
  cdt: {
    description: 'rare classes must reach larger logits in training (class-dependent temperatures)',
    changes: always({ loss: 'cdt' }),
  },
  'label-aware-smoothing': {
    description: 'targets are smoothed the more, the larger their class',
    changes: always({ loss: 'label-aware-smoothing' }),
  },
  drw: { description: 'class weights for the last fifth of the epochs', changes: always(DRW) },
  drs: {
    description: 'all classes are drawn alike for the last fifth of the epochs',
    changes: always({ sampler: 'balanced', deferSampler: DEFERRED }),
  },
  'ldam-drw': {
    description: 'larger margins for rare classes on cosines, and class weights for the last fifth',
    changes: always({ loss: 'ldam', classifier: 'cosine', deferWeights: DEFERRED }),
  },
  'mixup-drw': {
    description: 'images are mixed in pairs, then class weights for the last fifth without mixing',
    changes: always({ ...DRW, augmentation: 'mixup', mixUntil: DEFERRED }),
  },
  'remix-drw': {
    description: 'as mixup-drw, but a mixture with a rare class is often of that class',
    changes: always({ ...DRW, augmentation: 'remix', mixUntil: DEFERRED }),
  },
  crt: {
    description: 'at last a new last layer is trained, classes drawn alike, the rest frozen',
    changes: (recipe) => twoStages(recipe, 'crt'),
  },
  lws: {
    description: 'at last a scale for each class is trained, classes drawn alike, the rest frozen',
    changes: (recipe) => twoStages(recipe, 'lws'),
  },
  'tau-norm': {
    description: 'after training the last layer’s weights are brought to more equal lengths',
    changes: always({ secondStage: 'tau-norm' }),
  },
  cam: {
    description: 'at last rare classes get more images: their own, with what Grad-CAM shows moved',
    changes: (recipe) => twoStages(recipe, 'cam'),
  },
};

/** Those that are compared where none is named. */
export const DEFAULT_REMEDIES = [
  ...['class-weights', 'focal', 'balanced-sampling', 'balanced-softmax'],
  ...['drw', 'ldam-drw', 'mixup-drw', 'crt'],
] as const;

/** The remedies of these names, in their order. Throws UserError for one that is not known or named twice. */
export function checkRemedies(names: readonly string[]): void {
  const wrong = names.find((name) => !Object.hasOwn(REMEDIES, name));
  if (wrong !== undefined) {
    throw new UserError(`There is no remedy "${wrong}": choose from ${Object.keys(REMEDIES).join(', ')}.`);
  }
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new UserError(`The remedy ${twice} is named twice; name it once.`);
}
