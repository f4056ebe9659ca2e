import { Tensor } from '../autograd/tensor.ts';
import { clipNorm, clipValue } from '../kernels/clip.ts';
import type { DeviceArray } from '../runtime/gpu.ts';
import type { Parameter } from './parameter.ts';

/** The gradients of those that have one, each once. */
function gradients(parameters: readonly Parameter[]): DeviceArray<'f32'>[] {
  return [...new Set(parameters.flatMap(({ grad }) => (grad ? [grad.buffer] : [])))];
}

function checkLimit(what: string, limit: number): void {
  if (!(limit >= 0)) throw new RangeError(`${what} must be a number of at least 0, not ${limit}.`);
}

/**
 * Scales the gradients of all parameters together so that their norm, the root of the sum of all squares, is `maxNorm` at most: by
 * maxNorm / (norm + 1e-6) where that is below 1. Returns the norm as it was, []; undefined where no parameter has a gradient. Nothing waits
 * for the device. PyTorch's torch.nn.utils.clip_grad_norm_.
 * Source: Pascanu, Mikolov, Bengio, "On the difficulty of training recurrent neural networks", ICML 2013.
 */
export function clipGradNorm(parameters: readonly Parameter[], maxNorm: number): Tensor | undefined {
  checkLimit('clipGradNorm: maxNorm', maxNorm);
  const grads = gradients(parameters);
  return grads.length === 0 ? undefined : new Tensor(clipNorm(grads, maxNorm), []);
}

/** Brings each element of the gradients between −clipValue and clipValue. PyTorch's torch.nn.utils.clip_grad_value_. */
export function clipGradValue(parameters: readonly Parameter[], limit: number): void {
  checkLimit('clipGradValue: clipValue', limit);
  const grads = gradients(parameters);
  if (grads.length > 0) clipValue(grads, limit);
}
