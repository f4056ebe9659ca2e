import { BalancedSoftmaxLoss } from './balanced_softmax.ts';
import { ClassBalancedLoss } from './class_balanced.ts';
import { classWeights } from './class_weights.ts';
import { CrossEntropyLoss } from './cross_entropy.ts';
import { FocalLoss } from './focal.ts';
import { LabelSmoothingLoss } from './label_smoothing.ts';
import { LDAMLoss } from './ldam.ts';
import { LogitAdjustmentLoss } from './logit_adjustment.ts';
import type { Loss } from './loss.ts';

/** What a loss may need to know of the training it serves. */
export interface LossSetting {
  /** Training samples of each class. */
  counts: readonly number[];
  /** Epochs of the training: LDAM weights the classes in the last fifth of them. Default: never. */
  epochs?: number;
}

const BUILDERS = {
  ce: () => new CrossEntropyLoss(),
  'weighted-ce': ({ counts }) => new CrossEntropyLoss({ weight: classWeights(counts, 'inverse') }),
  focal: () => new FocalLoss({ gamma: 2 }),
  'class-balanced': ({ counts }) => new ClassBalancedLoss(counts, { base: 'focal', beta: 0.9999, gamma: 2 }),
  'class-balanced-ce': ({ counts }) => new ClassBalancedLoss(counts, { base: 'ce', beta: 0.9999 }),
  'label-smoothing': () => new LabelSmoothingLoss(0.1),
  'balanced-softmax': ({ counts }) => new BalancedSoftmaxLoss(counts),
  'logit-adjustment': ({ counts }) => new LogitAdjustmentLoss(counts, { tau: 1 }),
  // The paper's scale of 30 is for logits that are cosines; those of a plain linear layer have a scale of their own.
  ldam: ({ counts, epochs }) =>
    new LDAMLoss(counts, { scale: 1, reweightFrom: epochs === undefined ? undefined : Math.ceil(0.8 * epochs) }),
} as const satisfies Record<string, (setting: LossSetting) => Loss>;

export type LossName = keyof typeof BUILDERS;

/** The losses that `createLoss` knows. */
export const LOSS_NAMES = Object.keys(BUILDERS) as LossName[];

/**
 * A loss by its name, with the lab's parameters: focal γ 2; class-balanced over focal, or over cross-entropy, β 0.9999; label smoothing 0.1;
 * logit adjustment τ 1; LDAM with margins up to 0.5.
 * Throws RangeError for an unknown name, listing those there are, and for counts that are no sizes of classes.
 */
export function createLoss(name: LossName, setting: LossSetting): Loss {
  if (!Object.hasOwn(BUILDERS, name)) {
    throw new RangeError(`There is no loss '${name}'; the losses are: ${LOSS_NAMES.join(', ')}.`);
  }
  return BUILDERS[name](setting);
}
