import * as kernels from '../../kernels/dropout.ts';
import { record } from '../tape.ts';
import type { Tensor } from '../tensor.ts';

/**
 * In training, each element becomes 0 with probability p, and the others are divided by 1 − p; else x itself. Shape kept.
 * Draws from the device's generator; the backward pass draws the same mask again. Throws RangeError unless 0 ≤ p ≤ 1.
 * Source: Srivastava et al., "Dropout", JMLR 15, 2014.
 */
export function dropout(x: Tensor, p: number, training: boolean): Tensor {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`dropout: p must be from 0 to 1; it is ${p}.`);
  if (!training || p === 0) return x;
  const mask = { p, ...x.gpu.takeRandom() };
  return record('dropout', {
    inputs: [x],
    output: kernels.dropout(x.buffer, mask),
    shape: x.shape,
    backward: (dy) => [kernels.dropout(dy, mask)],
  });
}
