import { ShapeError } from '../../runtime/errors.ts';
import type { Tensor } from '../tensor.ts';
import { add } from './arithmetic.ts';
import { matmul } from './matmul.ts';

/**
 * Fully connected layer: y = x · weight + bias. x [N, in], weight [in, out], bias [out] or none. Shape [N, out].
 * Throws ShapeError where the shapes do not fit.
 */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  if (x.shape.length !== 2 || weight.shape.length !== 2 || x.shape[1] !== weight.shape[0]) {
    throw new ShapeError(
      `linear: an input [N, in] and a weight [in, out] are needed; their shapes are [${x.shape}] and [${weight.shape}].`,
    );
  }
  const y = matmul(x, weight);
  return bias ? add(y, bias) : y;
}
