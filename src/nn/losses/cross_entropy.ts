import { crossEntropy } from '../../autograd/ops/softmax.ts';
import type { Reduction, Targets } from '../../autograd/ops/softmax_loss.ts';
import type { Tensor } from '../../autograd/tensor.ts';
import { checkBetween, SoftmaxLoss } from './softmax_loss.ts';

/** Settings of `CrossEntropyLoss`. */
export interface CrossEntropyLossOptions {
  /** Factor of each class, [C]; see `classWeights`. Default: none. */
  weight?: readonly number[];
  /** Share of the target that is spread evenly over all classes, 0 to 1. Default 0. */
  labelSmoothing?: number;
  /** Default 'mean'. */
  reduction?: Reduction;
}

/**
 * Cross-entropy, as PyTorch's nn.CrossEntropyLoss: −Σ over c of weight[c] · q[c] · log softmax(logits)[c] of each sample, where q is the target
 * (1 at the label's class) smoothed: (1 − labelSmoothing) · target + labelSmoothing / C.
 *
 * The mean over labels divides by the sum of their classes' weights (NaN where that is 0), the mean over distributions by their number.
 * Throws RangeError for a weight or a share of smoothing out of range, and see `Loss`.
 */
export class CrossEntropyLoss extends SoftmaxLoss {
  readonly labelSmoothing: number;

  constructor({ weight, labelSmoothing = 0, reduction = 'mean' }: CrossEntropyLossOptions = {}) {
    super({ weight, labelSmoothing, reduction, meanOver: weight ? 'weights' : 'samples' });
    checkBetween(`${this.constructor.name}: labelSmoothing`, labelSmoothing, 0, 1);
    this.labelSmoothing = labelSmoothing;
  }

  override call(logits: Tensor, targets: Targets): Tensor {
    if (this.weight !== undefined || this.labelSmoothing > 0) return super.call(logits, targets);
    return logits.gpu.scope(() => crossEntropy(logits, targets, { reduction: this.reduction }));
  }
}
