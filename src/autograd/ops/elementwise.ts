import * as kernels from '../../kernels/elementwise.ts';
import { record } from '../tape.ts';
import type { Tensor } from '../tensor.ts';

/** y = max(x, 0). Shape kept. dx = dy where y > 0, else 0. */
export function relu(x: Tensor): Tensor {
  const y = kernels.relu(x.buffer);
  return record('relu', {
    inputs: [x],
    output: y,
    shape: x.shape,
    saved: [y],
    backward: (dy) => [kernels.reluGrad(dy, y)],
  });
}

/** y = factor · x. Shape kept. dx = factor · dy. */
export function scale(x: Tensor, factor: number): Tensor {
  return record('scale', {
    inputs: [x],
    output: kernels.scale(x.buffer, factor),
    shape: x.shape,
    backward: (dy) => [kernels.scale(dy, factor)],
  });
}
