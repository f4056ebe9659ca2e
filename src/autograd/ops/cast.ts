import * as kernels from '../../kernels/cast.ts';
import { record } from '../record.ts';
import type { Tensor } from '../tensor.ts';

/**
 * The same numbers stored in half precision ('f16': two bytes each, 11 bits of significand, up to 65504, an infinity beyond) or in float32 ('f32'); x
 * itself where it is stored so. Shape kept. dx = dy, stored as x is. PyTorch's `x.half()` and `x.float()`.
 *
 * Convolutions, batch normalisation, poolings, ReLU, sums, slices, paddings and dropout take half-precision tensors and give such; their arithmetic stays in
 * float32. Other operations refuse them. Throws DeviceError where the adapter has no half precision (`gpu.supportsF16`).
 */
export function cast(x: Tensor, to: kernels.Precision): Tensor {
  const from = x.buffer.storage as kernels.Precision;
  if (from === to) return x;
  return record('cast', {
    inputs: [x],
    output: kernels.cast(x.buffer, to),
    shape: x.shape,
    settings: { to },
    backward: (dy) => [kernels.cast(dy, from)],
  });
}
