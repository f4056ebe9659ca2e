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

/**
 * Cross-entropy of logits [N, C] against labels [N], −log softmax(logits)[n, label[n]], or against distributions [N, C],
 * −Σ over c of target[n, c] · log softmax(logits)[n, c]; as a mean or sum, [], or per sample, [N]. Gradient: to the logits alone.
 * A label of C or more throws RangeError naming its row where it came from the host (`indices`), else gives NaN for its sample.
 * Throws ShapeError where the shapes do not fit.
 */
export function crossEntropy(
  logits: Tensor,
  targets: Targets,
  { reduction = 'mean' }: { reduction?: Reduction } = {},
): Tensor {
  const shape = rowsOf('crossEntropy', logits);
  checkTargets('crossEntropy', logits, targets);
  if (!areLabels(targets)) return softmaxLoss(logits, targets, { reduction });
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
