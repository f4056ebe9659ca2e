import type { Targets } from '../../autograd/ops/softmax_loss.ts';
import type { Tensor } from '../../autograd/tensor.ts';

/**
 * What a classifier is trained to make small: of logits [N, C] and targets, which are labels [N] in 0 … C − 1 or distributions over the
 * classes [N, C] (soft targets, as of mixup). Gradient: to the logits alone.
 *
 * A label that is no class never reads outside its row. It throws RangeError naming its row where the labels came from the host
 * (`indices`); where the device put them together, its loss and gradient are NaN, and `findBadTarget` says which it was.
 */
export interface Loss {
  /** A scalar, [], or the losses of the samples, [N], where the reduction is 'none'. */
  call(logits: Tensor, targets: Targets): Tensor;
  /** Told the epoch, counted from 0, before its first step. For losses that change in the course of a training. */
  setEpoch?(epoch: number): void;
}
