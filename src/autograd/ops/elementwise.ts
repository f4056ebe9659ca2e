import * as kernels from '../../kernels/elementwise.ts';
import { record } from '../record.ts';
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
    settings: { factor },
    backward: (dy) => [kernels.scale(dy, factor)],
  });
}

/** y = 1 / (1 + e^−x). Shape kept. dx = dy · y · (1 − y). */
export function sigmoid(x: Tensor): Tensor {
  const y = kernels.sigmoid(x.buffer);
  return record('sigmoid', {
    inputs: [x],
    output: y,
    shape: x.shape,
    saved: [y],
    backward: (dy) => [kernels.sigmoidGrad(dy, y)],
  });
}

/**
 * y = x · σ(x), σ(x) = 1 / (1 + e^−x). Shape kept. dx = dy · σ(x) · (1 + x · (1 − σ(x))).
 * Source: Elfwing, Uchibe, Doya, "Sigmoid-weighted linear units", Neural Networks 107, 2018; also known as swish.
 */
export function silu(x: Tensor): Tensor {
  return record('silu', {
    inputs: [x],
    output: kernels.silu(x.buffer),
    shape: x.shape,
    saved: [x.buffer],
    backward: (dy) => [kernels.siluGrad(dy, x.buffer)],
  });
}

/**
 * y = x · Φ(x), Φ(x) = ½ · (1 + erf(x / √2)): the exact form, PyTorch's default. Shape kept. dx = dy · (Φ(x) + x · φ(x)).
 * Φ is within 1e-7, besides float32's rounding, of the true one.
 * Source: Hendrycks, Gimpel, "Gaussian error linear units", 2016; the error function by Abramowitz and Stegun, 7.1.26.
 */
export function gelu(x: Tensor): Tensor {
  return record('gelu', {
    inputs: [x],
    output: kernels.gelu(x.buffer),
    shape: x.shape,
    saved: [x.buffer],
    backward: (dy) => [kernels.geluGrad(dy, x.buffer)],
  });
}

/**
 * y = x where x > 0, else slope · x. Shape kept. dx = dy where x > 0, else slope · dy. PyTorch's default slope is 0.01.
 * Source: Maas, Hannun, Ng, "Rectifier nonlinearities improve neural network acoustic models", ICML 2013.
 */
export function leakyRelu(x: Tensor, slope = 0.01): Tensor {
  return record('leakyRelu', {
    inputs: [x],
    output: kernels.leakyRelu(x.buffer, slope),
    shape: x.shape,
    settings: { slope },
    saved: [x.buffer],
    backward: (dy) => [kernels.leakyReluGrad(dy, x.buffer, slope)],
  });
}
