import type { Reduction } from '../../autograd/ops/softmax_loss.ts';
import { checkBetween, SoftmaxLoss } from './softmax_loss.ts';

/** Settings of `FocalLoss`. */
export interface FocalLossOptions {
  /** How much less a sample counts that is already right; 0 is cross-entropy. Default 2. */
  gamma?: number;
  /** Factor of all classes alike, or of each, [C]. Default 1. */
  alpha?: number | readonly number[];
  /** A plain mean: it divides by the number of samples. Default 'mean'. */
  reduction?: Reduction;
}

/**
 * Focal loss over a softmax: −α[y] · (1 − p[y])^γ · log p[y] for the label y; with soft targets its expectation over the classes.
 * Throws RangeError for γ below 0 or an α that is negative or not finite, and see `Loss`.
 * Source: Lin et al., "Focal loss for dense object detection", ICCV 2017.
 */
export class FocalLoss extends SoftmaxLoss {
  readonly gamma: number;

  constructor({ gamma = 2, alpha, reduction = 'mean' }: FocalLossOptions = {}) {
    super({ weight: alpha, gamma, reduction });
    checkBetween(`${this.constructor.name}: gamma`, gamma, 0);
    this.gamma = gamma;
  }
}
