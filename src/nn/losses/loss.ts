import type { Tensor } from '../../autograd/tensor.ts';

/** What a classifier is trained to make small: of logits [N, C] and labels [N] in 0 … C − 1. */
export interface Loss {
  /** A scalar, [], or the losses of the samples, [N], where the reduction is 'none'. */
  call(logits: Tensor, labels: Tensor<'u32'>): Tensor;
}
