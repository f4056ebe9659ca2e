import { add } from '../../autograd/ops/arithmetic.ts';
import type { Reduction } from '../../autograd/ops/softmax_loss.ts';
import { type Tensor, tensor } from '../../autograd/tensor.ts';
import { ShapeError } from '../../runtime/errors.ts';
import { checkCounts } from './class_weights.ts';
import { checkBetween, SoftmaxLoss } from './softmax_loss.ts';

/** Stands for log 0: exp of it is 0, and it stays finite in a sum or a product with τ. */
const LOG_ZERO = -1e30;

/** Settings of `LogitAdjustmentLoss`. */
export interface LogitAdjustmentLossOptions {
  /** How far to go: 0 is cross-entropy, 1 balances the classes. Default 1. */
  tau?: number;
  /** Default 'mean'. */
  reduction?: Reduction;
}

/** τ · log of each class's share of the samples. Throws RangeError for counts that are no sizes and τ below 0. */
function logPriors(operation: string, counts: readonly number[], tau: number): number[] {
  checkCounts(operation, counts);
  checkBetween(`${operation}: tau`, tau, 0);
  const total = counts.reduce((sum, n) => sum + n, 0);
  return counts.map((n) => tau * (n > 0 ? Math.log(n / total) : LOG_ZERO));
}

/**
 * Cross-entropy of logits to which τ · log of each class's share of the training samples is added, so that the network itself learns to do
 * without these: its logits are to be used as they are.
 *
 * A class without samples takes no part in the softmax: it gets no gradient, and a sample of it, which training cannot meet, has a loss of 1e30
 * instead of infinity.
 * counts: training samples of each class. Throws RangeError for counts or τ out of range, and see `Loss`.
 * Source: Menon et al., "Long-tail learning via logit adjustment", ICLR 2021.
 */
export class LogitAdjustmentLoss extends SoftmaxLoss {
  constructor(counts: readonly number[], { tau = 1, reduction = 'mean' }: LogitAdjustmentLossOptions = {}) {
    super({ logPrior: logPriors(new.target.name, counts, tau), reduction });
  }
}

/**
 * Logits [N, C] of a network that was trained with plain cross-entropy, less τ · log of each class's share of its training samples: the largest
 * of them is then the best guess where all classes are equally likely. A class without samples stays as it is, for nothing is known of it.
 * Throws ShapeError where the counts are not C, RangeError for counts or τ out of range.
 * Source: Menon et al., "Long-tail learning via logit adjustment", ICLR 2021, the post-hoc form.
 */
export function adjustLogits(logits: Tensor, counts: readonly number[], tau = 1): Tensor {
  if (counts.length !== logits.shape[logits.shape.length - 1]) {
    throw new ShapeError(`adjustLogits: ${counts.length} counts do not fit logits [${logits.shape}].`);
  }
  const terms = logPriors('adjustLogits', counts, tau).map((prior, c) => (counts[c] > 0 ? -prior : 0));
  const { gpu } = logits;
  return gpu.scope(() => add(logits, tensor(gpu, Float32Array.from(terms), [counts.length])));
}
