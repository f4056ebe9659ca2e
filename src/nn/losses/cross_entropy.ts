import { crossEntropy } from '../../autograd/ops/softmax.ts';
import type { Reduction, Targets } from '../../autograd/ops/softmax_loss.ts';
import type { Tensor } from '../../autograd/tensor.ts';
import { checkBetween, SoftmaxLoss } from './softmax_loss.ts';

/** Settings of `CrossEntropyLoss`. */
export interface CrossEntropyLossOptions {
  /** Factor of each class, [C]; see `classWeights`. Default: none. */
  weight?: readonly number[];
  /** Epoch, counted from 0, from which the classes are weighted. Default: from the first on. */
  reweightFrom?: number;
  /** Share of the target that is spread evenly over all classes, 0 to 1. Default 0. */
  labelSmoothing?: number;
  /** A label whose samples count for nothing: 0 loss, no gradient, no part in the mean. Default: none, as no u32 label is PyTorch's −100. */
  ignoreIndex?: number;
  /** Default 'mean'. */
  reduction?: Reduction;
}

/**
 * Cross-entropy, as PyTorch's nn.CrossEntropyLoss: −Σ over c of weight[c] · q[c] · log softmax(logits)[c] of each sample, where q is the target
 * (1 at the label's class) smoothed: (1 − labelSmoothing) · target + labelSmoothing / C.
 *
 * The mean over labels divides by the sum of their classes' weights (NaN where that is 0), the mean over distributions by their number.
 * Throws RangeError for a weight or a share of smoothing out of range and for an ignoreIndex that no label can be, Error for one beside
 * distributions, and see `Loss`.
 */
export class CrossEntropyLoss extends SoftmaxLoss {
  readonly labelSmoothing: number;

  readonly ignoreIndex: number | undefined;

  constructor(options: CrossEntropyLossOptions = {}) {
    const { weight, reweightFrom, labelSmoothing = 0, ignoreIndex, reduction = 'mean' } = options;
    const weights = weight && reweightFrom !== undefined ? { deferred: { weight, from: reweightFrom } } : { weight };
    super({ ...weights, labelSmoothing, ignoreIndex, reduction, meanOver: weight ? 'weights' : 'samples' });
    checkBetween(`${this.constructor.name}: labelSmoothing`, labelSmoothing, 0, 1);
    this.labelSmoothing = labelSmoothing;
    this.ignoreIndex = ignoreIndex;
  }

  override call(logits: Tensor, targets: Targets): Tensor {
    if (this.weight !== undefined || this.labelSmoothing > 0) return super.call(logits, targets);
    const { reduction, ignoreIndex } = this;
    return logits.gpu.scope(() => crossEntropy(logits, targets, { reduction, ignoreIndex }));
  }
}
