import type { Reduction } from '../../autograd/ops/softmax_loss.ts';
import { classWeights } from './class_weights.ts';
import { checkBetween, SoftmaxLoss } from './softmax_loss.ts';

/** Settings of `ClassBalancedLoss`. */
export interface ClassBalancedLossOptions {
  /** The loss that is weighted: focal, with a plain mean, or cross-entropy, whose mean divides by the weights. Default 'focal'. */
  base?: 'ce' | 'focal';
  /** 0 to 1: the nearer to 1, the more the weights follow 1 / n. Default 0.9999. */
  beta?: number;
  /** Exponent of the focal base. Default 2. */
  gamma?: number;
  /** Epoch, counted from 0, from which the classes are weighted. Default: from the first on. */
  reweightFrom?: number;
  /** Default 'mean'. */
  reduction?: Reduction;
}

/**
 * Focal loss or cross-entropy with each class weighted by its effective number of samples, (1 − β) / (1 − βⁿ), scaled to add up to the number
 * of classes.
 * counts: training samples of each class. Throws RangeError for counts, β or γ out of range, and see `Loss`.
 * Source: Cui et al., "Class-balanced loss based on effective number of samples", CVPR 2019.
 */
export class ClassBalancedLoss extends SoftmaxLoss {
  constructor(
    counts: readonly number[],
    { base = 'focal', beta = 0.9999, gamma = 2, reweightFrom, reduction = 'mean' }: ClassBalancedLossOptions = {},
  ) {
    const weight = classWeights(counts, 'effective-number', { beta });
    checkBetween('ClassBalancedLoss: gamma', gamma, 0);
    const weights = reweightFrom === undefined ? { weight } : { deferred: { weight, from: reweightFrom } };
    super(base === 'focal' ? { ...weights, gamma, reduction } : { ...weights, reduction, meanOver: 'weights' });
  }
}
