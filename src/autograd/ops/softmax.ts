import { reduceSum } from '../../kernels/broadcast.ts';
import { ShapeError } from '../../kernels/errors.ts';
import * as kernels from '../../kernels/softmax.ts';
import { record } from '../tape.ts';
import type { Tensor } from '../tensor.ts';

function rowsOf(operation: string, x: Tensor): kernels.Rows {
  if (x.shape.length !== 2 || x.shape[1] < 1)
    throw new ShapeError(`${operation}: logits [N, C] are needed; the shape is [${x.shape}].`);
  return { rows: x.shape[0], classes: x.shape[1] };
}

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

/** How the losses of a batch become one: their mean, their sum, or not at all. */
export type Reduction = 'mean' | 'sum' | 'none';

/**
 * Cross-entropy of logits [N, C] against labels [N]: −log softmax(logits)[n, label[n]], as a mean or sum, [], or per sample, [N].
 * A label of C or more gives NaN for its sample. Throws ShapeError where the shapes do not fit.
 */
export function crossEntropy(
  logits: Tensor,
  labels: Tensor<'u32'>,
  { reduction = 'mean' }: { reduction?: Reduction } = {},
): Tensor {
  const shape = rowsOf('crossEntropy', logits);
  const { rows } = shape;
  if (labels.size !== rows) {
    throw new ShapeError(
      `crossEntropy: logits [${logits.shape}] need ${rows} labels; their shape is [${labels.shape}].`,
    );
  }
  const [x, targets] = [logits.buffer, labels.buffer];
  const losses = kernels.crossEntropy(x, targets, shape);
  const factor = reduction === 'mean' ? 1 / rows : 1;
  return record('crossEntropy', {
    inputs: [logits],
    output: reduction === 'none' ? losses : reduceSum(losses, { outer: 1, repeat: rows, inner: 1 }, factor),
    shape: reduction === 'none' ? [rows] : [],
    saved: [x, targets],
    backward: (dy) => [kernels.crossEntropyGrad(dy, x, targets, shape, factor)],
  });
}
