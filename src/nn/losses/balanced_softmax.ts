import type { Reduction } from '../../autograd/ops/softmax_loss.ts';
import { LogitAdjustmentLoss } from './logit_adjustment.ts';

/**
 * Cross-entropy of softmax over n[c] · exp(logits[c]), for n[c] training samples of each class: the softmax that is right where the test set is
 * balanced and the training set is not. The same as LogitAdjustmentLoss with τ = 1.
 * counts: training samples of each class. Throws RangeError for counts out of range, and see `Loss`.
 * Source: Ren et al., "Balanced meta-softmax for long-tailed visual recognition", NeurIPS 2020.
 */
export class BalancedSoftmaxLoss extends LogitAdjustmentLoss {
  constructor(counts: readonly number[], { reduction = 'mean' }: { reduction?: Reduction } = {}) {
    super(counts, { tau: 1, reduction });
  }
}
