import { batchHardTriplet, type TripletOptions } from '../../autograd/ops/embedding_losses.ts';
import type { Reduction } from '../../autograd/ops/softmax_loss.ts';
import type { Tensor } from '../../autograd/tensor.ts';
import { checkBetween } from './softmax_loss.ts';

/**
 * Triplet loss over the hardest triplets of a batch, of embeddings [N, D] and labels [N]; see `batchHardTriplet`.
 * Throws RangeError for a margin below 0.
 */
export class TripletLoss {
  readonly margin: number;
  readonly reduction: Reduction;

  constructor({ margin = 0.3, reduction = 'mean' }: TripletOptions = {}) {
    checkBetween('TripletLoss: margin', margin, 0);
    this.margin = margin;
    this.reduction = reduction;
  }

  /** A scalar, [], or the losses of the samples, [N], where the reduction is 'none'. */
  call(embeddings: Tensor, labels: Tensor<'u32'>): Tensor {
    return embeddings.gpu.scope(() => batchHardTriplet(embeddings, labels, this));
  }
}
