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

/** Settings of `gelu`. */
export interface GeluOptions {
  /** 'none': the exact form; 'tanh': the approximation by a hyperbolic tangent that many transformers were trained with. Default 'none'. */
  approximate?: 'none' | 'tanh';
}

/**
 * y = x · Φ(x), Φ(x) = ½ · (1 + erf(x / √2)): the exact form, PyTorch's default. Shape kept. dx = dy · (Φ(x) + x · φ(x)).
 * Φ is within 1e-7, besides float32's rounding, of the true one.
 * With approximate: 'tanh', y = ½ · x · (1 + tanh(√(2/π) · (x + 0.044715 · x³))), and dx is the derivative of that.
 * Source: Hendrycks, Gimpel, "Gaussian error linear units", 2016; the error function by Abramowitz and Stegun, 7.1.26.
 */
export function gelu(x: Tensor, { approximate = 'none' }: GeluOptions = {}): Tensor {
  const tanhForm = approximate === 'tanh';
  return record('gelu', {
    inputs: [x],
    output: tanhForm ? kernels.unary('GELU_TANH', x.buffer) : kernels.gelu(x.buffer),
    shape: x.shape,
    settings: { approximate },
    saved: [x.buffer],
    backward: (dy) => [tanhForm ? kernels.unaryGrad('GELU_TANH', dy, x.buffer) : kernels.geluGrad(dy, x.buffer)],
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

/** y = −x. Shape kept. dx = −dy. */
export function neg(x: Tensor): Tensor {
  return record('neg', {
    inputs: [x],
    output: kernels.scale(x.buffer, -1),
    shape: x.shape,
    backward: (dy) => [kernels.scale(dy, -1)],
  });
}

/** y = e^x. Shape kept. dx = dy · y. */
export function exp(x: Tensor): Tensor {
  const y = kernels.unary('EXP', x.buffer);
  return record('exp', {
    inputs: [x],
    output: y,
    shape: x.shape,
    saved: [y],
    backward: (dy) => [kernels.mul(dy, y)],
  });
}

/** The operations whose rule reads the input. */
function fromInput(name: string, op: 'LOG' | 'ABS' | 'CLAMP', x: Tensor, numbers: kernels.UnaryNumbers = []): Tensor {
  return record(name, {
    inputs: [x],
    output: kernels.unary(op, x.buffer, numbers),
    shape: x.shape,
    saved: [x.buffer],
    backward: (dy) => [kernels.unaryGrad(op, dy, x.buffer, numbers)],
  });
}

/** The operations whose rule reads the output. */
function fromOutput(name: string, op: 'SQRT' | 'TANH', x: Tensor): Tensor {
  const y = kernels.unary(op, x.buffer);
  return record(name, {
    inputs: [x],
    output: y,
    shape: x.shape,
    saved: [y],
    backward: (dy) => [kernels.unaryGrad(op, dy, y)],
  });
}

/** y = ln x, −∞ at 0 and NaN below. Shape kept. dx = dy / x. */
export function log(x: Tensor): Tensor {
  return fromInput('log', 'LOG', x);
}

/** y = √x, NaN below 0. Shape kept. dx = dy / (2 · y), infinite at 0. */
export function sqrt(x: Tensor): Tensor {
  return fromOutput('sqrt', 'SQRT', x);
}

/** y = |x|. Shape kept. dx = dy · sign x, 0 at 0. */
export function abs(x: Tensor): Tensor {
  return fromInput('abs', 'ABS', x);
}

/** y = tanh x. Shape kept. dx = dy · (1 − y²). */
export function tanh(x: Tensor): Tensor {
  return fromOutput('tanh', 'TANH', x);
}

/** The range of `clamp`; either end may be left out. */
export interface ClampRange {
  /** Default −∞. */
  min?: number;
  /** Wins where it is below `min`. Default ∞. */
  max?: number;
}

/** y = min(max(x, min), max); NaN stays NaN. Shape kept. dx = dy where min ≤ x ≤ max, else 0. As PyTorch's. Throws RangeError for an end that is NaN. */
export function clamp(x: Tensor, { min = -Infinity, max = Infinity }: ClampRange): Tensor {
  if (Number.isNaN(min) || Number.isNaN(max)) throw new RangeError(`clamp: the range is ${min} to ${max}.`);
  return fromInput('clamp', 'CLAMP', x, [min, max]);
}
