import { ShapeError } from '../../runtime/errors.ts';
import type { Tensor } from '../tensor.ts';
import { add } from './arithmetic.ts';
import { cast } from './cast.ts';
import { matmul } from './matmul.ts';

/**
 * Fully connected layer: y = x · weight + bias. x [N, in], weight [in, out], bias [out] or none. Shape [N, out]. In float32, to which a half-precision x
 * is converted.
 * Throws ShapeError where the shapes do not fit.
 */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  if (x.shape.length !== 2 || weight.shape.length !== 2 || x.shape[1] !== weight.shape[0]) {
    throw new ShapeError(
      `linear: an input [N, in] and a weight [in, out] are needed; their shapes are [${x.shape}] and [${weight.shape}].`,
    );
  }
  const y = matmul(cast(x, 'f32'), weight);
  return bias ? add(y, bias) : y;
}
