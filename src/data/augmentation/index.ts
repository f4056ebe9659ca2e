import type { ImageTransform } from '../../kernels/image_transform.ts';
import { classThirds } from '../../metrics/class_thirds.ts';
import { UserError } from '../../runtime/errors.ts';
import { ALL_CHANGES, type KeptChanges } from '../image_dataset.ts';
import type { Mix } from './mix.ts';

/** What is done to training images at random: the transform of all of them, or one for each class in its place, and mixing. */
export interface Augmentation extends ImageTransform {
  /** [classes] */
  perClass?: readonly ImageTransform[];
  mix?: Mix;
  /** Epoch, counted from 0, from which images are mixed no more. Default: never. */
  mixUntil?: number;
}

/** The augmentation as it is in an epoch, counted from 0. */
export function augmentationIn(epoch: number, augmentation: Augmentation): Augmentation {
  const { mix, mixUntil = Number.POSITIVE_INFINITY, ...rest } = augmentation;
  return mix && epoch < mixUntil ? { ...rest, mix } : rest;
}

/** The augmentations that `createAugmentation` knows. */
export const AUGMENTATION_NAMES = ['none', 'lab', 'targeted', 'class-specific', 'mixup', 'cutmix', 'remix'] as const;
/** An augmentation that `createAugmentation` knows. */
export type AugmentationName = (typeof AUGMENTATION_NAMES)[number];

/** The lab's augmentation of training images, for all classes. */
const LAB: ImageTransform = { cropPadding: 4, flip: 0.5 };

/** What targeted augmentation adds for the smallest class; others get a part of it. */
const TARGETED = { rotation: 15, translation: 2, brightness: 0.3, contrast: 0.3, saturation: 0.3, cutout: 8 };

/**
 * α of mixup from the interval 0.1 to 0.4 that its paper recommends for ImageNet (for CIFAR, in trainings of hundreds of epochs, it takes 1);
 * α of CutMix as in its paper.
 */
const MIXUP_ALPHA = 0.2;
const CUTMIX_ALPHA = 1;
/** Remix as in its paper, which mixes as mixup does with α 1. */
const REMIX = { alpha: 1, kappa: 3, tau: 0.5 };

/** What an augmentation may need to know of the training images. */
export interface AugmentationOptions {
  /** Training images of each class, [classes]. */
  counts: readonly number[];
  /** Changes that keep a class; others are left out. Default: all. */
  keeps?: KeptChanges;
}

/**
 * The augmentation of a name.
 *
 * none: the images as they are. lab: random crop after 4 pixels of padding, and flip. targeted: that of the lab, and rotation, translation, colour
 * and cutout for the smaller classes. Their strength grows with the logarithm of (largest count / own count): none for the largest class, all of it
 * for the smallest. class-specific: that of the lab for the largest third of the classes, with geometry for the middle third, with geometry, colour
 * and cutout at full strength for the smallest. mixup, cutmix: that of the lab, and images mixed in each batch. remix: as mixup, but where one class has
 * three times as many images as the other and less than half of the pixels, the target is the smaller class alone.
 * @throws UserError for a name that is none.
 */
export function createAugmentation(
  name: AugmentationName,
  { counts, keeps = ALL_CHANGES }: AugmentationOptions,
): Augmentation {
  const { perClass, ...forAll } = namedAugmentation(name, counts);
  const kept = (transform: ImageTransform) => withoutChanges(transform, keeps);
  return { ...kept(forAll), ...(perClass && { perClass: perClass.map(kept) }) };
}

/** A transform without what would change an image's class. */
function withoutChanges<T extends ImageTransform>(transform: T, { mirror, rotation, colour }: KeptChanges): T {
  const left = { ...transform };
  if (!mirror) delete left.flip;
  if (!rotation) delete left.rotation;
  if (!colour) for (const name of ['brightness', 'contrast', 'saturation'] as const) delete left[name];
  return left;
}

function namedAugmentation(name: AugmentationName, counts: readonly number[]): Augmentation {
  switch (name) {
    case 'none':
      return {};
    case 'lab':
      return LAB;
    case 'targeted':
      return { perClass: targetedStrengths(counts).map(strengthened) };
    case 'class-specific':
      return { perClass: thirds(counts).map((third) => CLASS_SPECIFIC[third]) };
    case 'mixup':
      return { ...LAB, mix: { kind: 'mixup', alpha: MIXUP_ALPHA } };
    case 'cutmix':
      return { ...LAB, mix: { kind: 'cutmix', alpha: CUTMIX_ALPHA } };
    case 'remix': {
      const { alpha, ...rule } = REMIX;
      return { ...LAB, mix: { kind: 'mixup', alpha, rarerLabel: { counts, ...rule } } };
    }
    default:
      throw new UserError(`There is no augmentation "${name}": choose one of ${AUGMENTATION_NAMES.join(', ')}.`);
  }
}

/** Transforms of the largest, the middle and the smallest third of the classes. */
const CLASS_SPECIFIC: readonly ImageTransform[] = [
  LAB,
  { ...LAB, rotation: TARGETED.rotation, translation: TARGETED.translation },
  { ...LAB, ...TARGETED },
];

/**
 * 0 for the largest class to 1 for the smallest: log(largest / count) / log(largest / smallest), so that equal ratios of counts are equal
 * steps. 0 for all where they are alike, 1 for a class without images.
 */
export function targetedStrengths(counts: readonly number[]): number[] {
  const present = counts.filter((count) => count > 0);
  const largest = Math.max(...present);
  const range = Math.log(largest / Math.min(...present));
  return counts.map((count) => {
    if (count === 0) return 1;
    return range === 0 ? 0 : Math.log(largest / count) / range;
  });
}

/** The lab's transform, and that of targeted augmentation by a strength from 0 to 1. */
function strengthened(strength: number): ImageTransform {
  const added = Object.fromEntries(Object.entries(TARGETED).map(([name, most]) => [name, strength * most]));
  return { ...LAB, ...added, cutout: Math.round(strength * TARGETED.cutout) };
}

/** 0, 1 or 2 for each class: whether it is of the largest third, the middle or the smallest, as the thirds by which recall is reported. */
function thirds(counts: readonly number[]): number[] {
  const { largest, smallest } = classThirds(counts);
  const third = new Array<number>(counts.length).fill(1);
  for (const label of smallest) third[label] = 2;
  for (const label of largest) third[label] = 0;
  return third;
}
