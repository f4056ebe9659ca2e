import { reduceSum } from '../../kernels/broadcast.ts';
import { mul } from '../../kernels/elementwise.ts';
import * as kernels from '../../kernels/nll_loss.ts';
import { weightedMean } from '../../kernels/softmax_loss.ts';
import { ShapeError } from '../../runtime/errors.ts';
import type { DeviceArray } from '../../runtime/gpu.ts';
import { record } from '../record.ts';
import type { Tensor } from '../tensor.ts';
import { checkTargets, type Reduction, rowsOf } from './softmax_loss.ts';

/** Settings of `nllLoss`. */
export interface NllLossOptions {
  /** Factor of each class, [C]. It gets no gradient. Default: all weigh 1. */
  weight?: Tensor;
  /** A label whose samples count for nothing: 0 loss, no gradient, no part in the mean. Default: none. */
  ignoreIndex?: number;
  /** The mean divides by the weights of the samples' classes. Default 'mean'. */
  reduction?: Reduction;
}

/**
 * Negative log likelihood: −weight[label[n]] · x[n, label[n]] of logarithms of probabilities x [N, C], as of `logSoftmax`, and labels [N]; as a mean
 * or sum, [], or per sample, [N]. Where all samples are ignored, the mean is NaN. Gradient: to x alone. As PyTorch's, whose default ignore_index, −100,
 * no u32 label can be.
 * A label that is no class throws RangeError naming its row where it came from the host (`indices`), else gives NaN for its sample. Throws ShapeError
 * where the shapes do not fit, RangeError for an ignoreIndex that no label can be.
 */
export function nllLoss(
  x: Tensor,
  labels: Tensor<'u32'>,
  { weight, ignoreIndex, reduction = 'mean' }: NllLossOptions = {},
): Tensor {
  const shape = rowsOf('nllLoss', x);
  checkTargets('nllLoss', x, labels, ignoreIndex);
  if (weight && weight.size !== shape.classes) {
    throw new ShapeError(
      `nllLoss: the weight must be [${shape.classes}] for [${x.shape}]; its shape is [${weight.shape}].`,
    );
  }
  const terms: kernels.NllTerms = { weight: weight?.buffer, ignored: ignoreIndex };
  const { loss, weight: weights } = kernels.nllLoss(x.buffer, labels.buffer, shape, terms);

  let output = loss;
  let factor = 1;
  let divisor: DeviceArray<'f32'> | undefined;
  if (reduction === 'mean' && (weight || ignoreIndex !== undefined)) {
    ({ mean: output, inverse: divisor } = weightedMean(loss, weights));
  } else if (reduction !== 'none') {
    factor = reduction === 'mean' ? 1 / shape.rows : 1;
    output = reduceSum(loss, { outer: 1, repeat: shape.rows, inner: 1 }, factor);
  }
  const inverse = divisor;
  return record('nllLoss', {
    inputs: [x],
    output,
    shape: reduction === 'none' ? [shape.rows] : [],
    saved: [labels.buffer, ...(weight ? [weight.buffer] : []), ...(inverse ? [inverse] : [])],
    backward: (dy) => [kernels.nllLossGrad(inverse ? mul(dy, inverse) : dy, labels.buffer, shape, terms, factor)],
  });
}
