import { BalancedSoftmaxLoss } from './balanced_softmax.ts';
import { ClassBalancedLoss } from './class_balanced.ts';
import { ClassTemperatureLoss } from './class_temperatures.ts';
import { classWeights } from './class_weights.ts';
import { CrossEntropyLoss } from './cross_entropy.ts';
import { FocalLoss } from './focal.ts';
import { LabelAwareSmoothingLoss } from './label_aware_smoothing.ts';
import { LabelSmoothingLoss } from './label_smoothing.ts';
import { LDAMLoss } from './ldam.ts';
import { LogitAdjustmentLoss } from './logit_adjustment.ts';
import type { Loss } from './loss.ts';

/** What a loss may need to know of the training it serves. */
export interface LossSetting {
  /** Training samples of each class. */
  counts: readonly number[];
  /** Epochs of the training: LDAM weights the classes in the last fifth of them, unless `reweightFrom` says another epoch. Default: never. */
  epochs?: number;
  /** Epoch, counted from 0, from which the classes are weighted (DRW), in the losses of `WEIGHTED_LOSSES`. Default: from the first on. */
  reweightFrom?: number;
  /** Factor of logits that are cosines, from a `CosineLinear`: LDAM's margins are in cosines. Default 1, of logits that are none. */
  cosineScale?: number;
}

/** What a configuration may say of a loss; what is left out is the lab's. */
export interface LossSettings {
  /** Exponent of focal loss, default 2, and of the temperatures of 'cdt', default 0.2. */
  gamma?: number;
  /** Of the effective number of samples, by which class-balanced loss weights. Default 0.9999. */
  beta?: number;
  /** Share of the target that is spread over all classes. Default 0, and 0.1 of 'label-smoothing'. */
  labelSmoothing?: number;
  /** Factor of the log priors of logit adjustment. Default 1. */
  tau?: number;
  /** Shares that label-aware smoothing takes from the largest class, default 0.3, and from the smallest, default 0. */
  smoothHead?: number;
  smoothTail?: number;
}

/** Which losses have a setting. */
export const LOSS_SETTINGS = {
  gamma: ['focal', 'class-balanced', 'cdt'],
  beta: ['class-balanced', 'class-balanced-ce'],
  labelSmoothing: ['ce', 'weighted-ce', 'sqrt-weighted-ce', 'label-smoothing'],
  tau: ['logit-adjustment'],
  smoothHead: ['label-aware-smoothing'],
  smoothTail: ['label-aware-smoothing'],
} as const satisfies Record<keyof LossSettings, readonly string[]>;

/** The losses that weight classes, whose weighting can be deferred. */
export const WEIGHTED_LOSSES = [
  'weighted-ce',
  'sqrt-weighted-ce',
  'class-balanced',
  'class-balanced-ce',
  'ldam',
] as const;

const BUILDERS = {
  ce: (_setting, { labelSmoothing }) => new CrossEntropyLoss({ labelSmoothing }),
  'weighted-ce': ({ counts, reweightFrom }, { labelSmoothing }) =>
    new CrossEntropyLoss({ weight: classWeights(counts, 'inverse'), reweightFrom, labelSmoothing }),
  'sqrt-weighted-ce': ({ counts, reweightFrom }, { labelSmoothing }) =>
    new CrossEntropyLoss({ weight: classWeights(counts, 'inverse-square-root'), reweightFrom, labelSmoothing }),
  focal: (_setting, { gamma = 2 }) => new FocalLoss({ gamma }),
  'class-balanced': ({ counts, reweightFrom }, { beta = 0.9999, gamma = 2 }) =>
    new ClassBalancedLoss(counts, { base: 'focal', beta, gamma, reweightFrom }),
  'class-balanced-ce': ({ counts, reweightFrom }, { beta = 0.9999 }) =>
    new ClassBalancedLoss(counts, { base: 'ce', beta, reweightFrom }),
  'label-smoothing': (_setting, { labelSmoothing = 0.1 }) => new LabelSmoothingLoss(labelSmoothing),
  'balanced-softmax': ({ counts }) => new BalancedSoftmaxLoss(counts),
  'logit-adjustment': ({ counts }, { tau = 1 }) => new LogitAdjustmentLoss(counts, { tau }),
  // The paper's scale of 30 is that of logits that are cosines, and is in them already; those of a plain linear layer have a scale of their own.
  ldam: ({ counts, epochs, reweightFrom, cosineScale = 1 }) =>
    new LDAMLoss(counts, {
      ...{ scale: 1, maxMargin: 0.5 * cosineScale },
      reweightFrom: reweightFrom ?? (epochs === undefined ? undefined : Math.ceil(0.8 * epochs)),
    }),
  cdt: ({ counts }, { gamma }) => new ClassTemperatureLoss(counts, { gamma }),
  'label-aware-smoothing': ({ counts }, { smoothHead, smoothTail }) =>
    new LabelAwareSmoothingLoss(counts, { head: smoothHead, tail: smoothTail }),
} as const satisfies Record<string, (setting: LossSetting, settings: LossSettings) => Loss>;

export type LossName = keyof typeof BUILDERS;

/** The losses that `createLoss` knows. */
export const LOSS_NAMES = Object.keys(BUILDERS) as LossName[];

/**
 * A loss by its name, with the lab's parameters: focal γ 2; class-balanced over focal, or over cross-entropy, β 0.9999; label smoothing 0.1;
 * logit adjustment τ 1; LDAM with margins up to 0.5; CDT γ 0.2; label-aware smoothing 0.3 to 0.
 * Throws RangeError for an unknown name, listing those there are, for a setting that the loss has not, and for counts that are no sizes of classes.
 */
export function createLoss(name: LossName, setting: LossSetting, settings: LossSettings = {}): Loss {
  if (!Object.hasOwn(BUILDERS, name)) {
    throw new RangeError(`There is no loss '${name}'; the losses are: ${LOSS_NAMES.join(', ')}.`);
  }
  for (const [key, owners] of Object.entries(LOSS_SETTINGS)) {
    if (settings[key as keyof LossSettings] === undefined || owners.includes(name as never)) continue;
    throw new RangeError(`The loss '${name}' has no ${key}; leave it out, or take ${owners.join(' or ')}.`);
  }
  return BUILDERS[name](setting, settings);
}
