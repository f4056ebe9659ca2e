import { mul } from '../../autograd/ops/arithmetic.ts';
import type { Targets } from '../../autograd/ops/softmax_loss.ts';
import { type Tensor, tensor } from '../../autograd/tensor.ts';
import { ShapeError } from '../../runtime/errors.ts';
import { checkCounts } from './class_weights.ts';
import { CrossEntropyLoss, type CrossEntropyLossOptions } from './cross_entropy.ts';
import { checkBetween } from './softmax_loss.ts';

/** Settings of `ClassTemperatureLoss`. */
export interface ClassTemperatureLossOptions extends Pick<CrossEntropyLossOptions, 'reduction'> {
  /** Exponent of the temperatures; 0 is cross-entropy. Default 0.2. */
  gamma?: number;
}

/**
 * Class-dependent temperatures (CDT): cross-entropy of z[c] / a[c] with a[c] = (largest / n[c])^γ. A rare class must reach larger logits in training, which
 * makes up for its features' deviation in testing, where the logits count as they are.
 * counts: training samples of each class; a class without any is taken as one of one sample.
 * Throws RangeError for counts that are no sizes and γ below 0, ShapeError for logits of another number of classes, and see `Loss`.
 * Source: Ye et al., "Identifying and compensating for feature deviation in imbalanced deep learning", 2020.
 */
export class ClassTemperatureLoss extends CrossEntropyLoss {
  readonly #factors: Float32Array;
  #uploaded: Tensor | undefined;

  constructor(counts: readonly number[], { gamma = 0.2, reduction }: ClassTemperatureLossOptions = {}) {
    super({ reduction });
    checkCounts('ClassTemperatureLoss', counts);
    checkBetween('ClassTemperatureLoss: gamma', gamma, 0);
    const largest = Math.max(...counts);
    this.#factors = Float32Array.from(counts, (n) => (Math.max(n, 1) / Math.max(largest, 1)) ** gamma);
  }

  override call(logits: Tensor, targets: Targets): Tensor {
    const { gpu, shape } = logits;
    const classes = this.#factors.length;
    if (shape[shape.length - 1] !== classes) {
      throw new ShapeError(`ClassTemperatureLoss: was made for ${classes} classes; the logits are [${shape}].`);
    }
    if (this.#uploaded?.gpu !== gpu) this.#uploaded = gpu.unscoped(() => tensor(gpu, this.#factors, [classes]));
    const factors = this.#uploaded;
    return gpu.scope(() => super.call(mul(logits, factors), targets));
  }
}
