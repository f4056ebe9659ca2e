import { indexSelect } from '../../autograd/ops/index_select.ts';
import { matmul } from '../../autograd/ops/matmul.ts';
import { areLabels, checkTargets, type Targets } from '../../autograd/ops/softmax_loss.ts';
import { type Tensor, tensor } from '../../autograd/tensor.ts';
import { ShapeError } from '../../runtime/errors.ts';
import { checkCounts } from './class_weights.ts';
import { CrossEntropyLoss, type CrossEntropyLossOptions } from './cross_entropy.ts';
import { checkBetween } from './softmax_loss.ts';

/** Settings of `LabelAwareSmoothingLoss`. */
export interface LabelAwareSmoothingLossOptions extends Pick<CrossEntropyLossOptions, 'reduction'> {
  /** Share of the target that the largest class gives to the others. Default 0.3. */
  head?: number;
  /** The same of the smallest class. Default 0. */
  tail?: number;
}

/**
 * Label-aware smoothing: cross-entropy against targets of which the label's class keeps 1 − ε[y] and the others share ε[y] evenly; ε is larger the more
 * images a class has, since a network is surest of those:
 *
 *   ε[y] = tail + (head − tail) · sin(π/2 · (n[y] − smallest) / (largest − smallest))
 *
 * Where all classes are alike ε is `head`. counts: training samples of each class.
 * Throws RangeError for counts that are no sizes and shares outside 0 … 1, ShapeError for logits of another number of classes, and see `Loss`.
 * Source: Zhong et al., "Improving calibration for long-tailed recognition", CVPR 2021, section 3.2 (the concave form).
 */
export class LabelAwareSmoothingLoss extends CrossEntropyLoss {
  readonly #classes: number;
  /** [C, C]: the target of each label. */
  readonly #targets: Float32Array;
  #uploaded: Tensor | undefined;

  constructor(counts: readonly number[], { head = 0.3, tail = 0, reduction }: LabelAwareSmoothingLossOptions = {}) {
    super({ reduction });
    checkCounts('LabelAwareSmoothingLoss', counts);
    checkBetween('LabelAwareSmoothingLoss: head', head, 0, 1);
    checkBetween('LabelAwareSmoothingLoss: tail', tail, 0, 1);
    const classes = counts.length;
    const [smallest, largest] = [Math.min(...counts), Math.max(...counts)];
    this.#classes = classes;
    this.#targets = new Float32Array(classes * classes);
    for (const [y, n] of counts.entries()) {
      const place = largest > smallest ? (n - smallest) / (largest - smallest) : 1;
      const share = classes > 1 ? tail + (head - tail) * Math.sin((Math.PI / 2) * place) : 0;
      for (let c = 0; c < classes; c++) this.#targets[y * classes + c] = c === y ? 1 - share : share / (classes - 1);
    }
  }

  override call(logits: Tensor, targets: Targets): Tensor {
    const { gpu, shape } = logits;
    const classes = this.#classes;
    if (shape[shape.length - 1] !== classes) {
      throw new ShapeError(`LabelAwareSmoothingLoss: was made for ${classes} classes; the logits are [${shape}].`);
    }
    checkTargets('LabelAwareSmoothingLoss', logits, targets);
    if (this.#uploaded?.gpu !== gpu) {
      this.#uploaded = gpu.unscoped(() => tensor(gpu, this.#targets, [classes, classes]));
    }
    const each = this.#uploaded;
    return gpu.scope(() => {
      const smoothed = areLabels(targets) ? indexSelect(each, 0, targets) : matmul(targets, each);
      return super.call(logits, smoothed);
    });
  }
}
