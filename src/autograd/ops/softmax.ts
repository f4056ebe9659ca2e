import { reduceSum } from '../../kernels/broadcast.ts';
import * as kernels from '../../kernels/softmax.ts';
import { record } from '../record.ts';
import type { Tensor } from '../tensor.ts';
import { areLabels, checkTargets, type Reduction, rowsOf, softmaxLoss, type Targets } from './softmax_loss.ts';

/** y[n, c] = exp(x[n, c]) / Σ over k of exp(x[n, k]). x [N, C]. Shape kept. dx = y · (dy − Σ dy·y). */
export function softmax(x: Tensor): Tensor {
  const shape = rowsOf('softmax', x);
  const y = kernels.softmax(x.buffer, shape);
  return record('softmax', {
    inputs: [x],
    output: y,
    shape: x.shape,
    saved: [y],
    backward: (dy) => [kernels.softmaxGrad(dy, y, shape)],
  });
}

/** y[n, c] = log softmax(x)[n, c]. x [N, C]. Shape kept. dx = dy − exp(y) · Σ dy. What `nllLoss` takes. */
export function logSoftmax(x: Tensor): Tensor {
  const shape = rowsOf('logSoftmax', x);
  const y = kernels.logSoftmax(x.buffer, shape);
  return record('logSoftmax', {
    inputs: [x],
    output: y,
    shape: x.shape,
    saved: [y],
    backward: (dy) => [kernels.logSoftmaxGrad(dy, y, shape)],
  });
}

/** Settings of `crossEntropy`. */
export interface CrossEntropyOptions {
  /** Default 'mean'. */
  reduction?: Reduction;
  /** A label whose samples count for nothing: 0 loss, no gradient, no part in the mean. Default: none. */
  ignoreIndex?: number;
}

/**
 * Cross-entropy of logits [N, C] against labels [N], −log softmax(logits)[n, label[n]], or against distributions [N, C],
 * −Σ over c of target[n, c] · log softmax(logits)[n, c]; as a mean or sum, [], or per sample, [N]. Gradient: to the logits alone.
 * Samples with the label `ignoreIndex` count for nothing; where all do, the mean is NaN. As PyTorch's, whose default −100 no u32 label can be.
 * Another label of C or more throws RangeError naming its row where it came from the host (`indices`), else gives NaN for its sample.
 * Throws ShapeError where the shapes do not fit, RangeError for an ignoreIndex that no label can be, Error for one beside distributions.
 */
export function crossEntropy(
  logits: Tensor,
  targets: Targets,
  { reduction = 'mean', ignoreIndex }: CrossEntropyOptions = {},
): Tensor {
  const shape = rowsOf('crossEntropy', logits);
  checkTargets('crossEntropy', logits, targets, ignoreIndex);
  if (!areLabels(targets) || ignoreIndex !== undefined) {
    return softmaxLoss(logits, targets, { reduction, ignoreIndex });
  }
  const { rows } = shape;
  const [x, labels] = [logits.buffer, targets.buffer];
  const losses = kernels.crossEntropy(x, labels, shape);
  const factor = reduction === 'mean' ? 1 / rows : 1;
  return record('crossEntropy', {
    inputs: [logits],
    output: reduction === 'none' ? losses : reduceSum(losses, { outer: 1, repeat: rows, inner: 1 }, factor),
    shape: reduction === 'none' ? [rows] : [],
    saved: [x, labels],
    backward: (dy) => [kernels.crossEntropyGrad(dy, x, labels, shape, factor)],
  });
}
