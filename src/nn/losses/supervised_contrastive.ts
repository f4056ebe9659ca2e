import { type ContrastiveOptions, supervisedContrastive } from '../../autograd/ops/embedding_losses.ts';
import type { Reduction } from '../../autograd/ops/softmax_loss.ts';
import type { Tensor } from '../../autograd/tensor.ts';

/**
 * Supervised contrastive loss of embeddings [N, D] and labels [N]; see `supervisedContrastive`.
 * Throws RangeError for a temperature that is not above 0.
 */
export class SupervisedContrastiveLoss {
  readonly temperature: number;
  readonly reduction: Reduction;

  constructor({ temperature = 0.1, reduction = 'mean' }: ContrastiveOptions = {}) {
    if (!(temperature > 0 && Number.isFinite(temperature))) {
      throw new RangeError(`SupervisedContrastiveLoss: temperature must be above 0, not ${temperature}.`);
    }
    this.temperature = temperature;
    this.reduction = reduction;
  }

  /** A scalar, [], or the losses of the samples, [N], where the reduction is 'none'. */
  call(embeddings: Tensor, labels: Tensor<'u32'>): Tensor {
    return embeddings.gpu.scope(() => supervisedContrastive(embeddings, labels, this));
  }
}
