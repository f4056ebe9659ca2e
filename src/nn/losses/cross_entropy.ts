import { crossEntropy, type Reduction } from '../../autograd/ops/softmax.ts';
import type { Tensor } from '../../autograd/tensor.ts';
import type { Loss } from './loss.ts';

export interface CrossEntropyLossOptions {
  /** Default 'mean'. */
  reduction?: Reduction;
}

/** −log softmax(logits)[label] of each sample. PyTorch's nn.CrossEntropyLoss. */
export class CrossEntropyLoss implements Loss {
  readonly reduction: Reduction;

  constructor({ reduction = 'mean' }: CrossEntropyLossOptions = {}) {
    this.reduction = reduction;
  }

  call(logits: Tensor, labels: Tensor<'u32'>): Tensor {
    return logits.gpu.scope(() => crossEntropy(logits, labels, { reduction: this.reduction }));
  }
}
