import { mulBroadcast } from '../../kernels/broadcast.ts';
import * as kernels from '../../kernels/dropout.ts';
import { scale } from '../../kernels/elementwise.ts';
import { ShapeError } from '../../runtime/errors.ts';
import { record } from '../record.ts';
import { sizeOf, type Tensor } from '../tensor.ts';

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

/**
 * In training, each sample x[n] as a whole becomes 0 with probability p, and the others are divided by 1 − p; else x itself. Shape kept,
 * the samples along the first dimension. As torchvision's, in 'row' mode; draws as `dropout` does.
 * mask: [N] of 1, kept, and 0, dropped, to use instead of drawn ones. Throws RangeError unless 0 ≤ p ≤ 1, ShapeError for another mask.
 * Source: Huang, Sun, Liu, Sedra, Weinberger, "Deep networks with stochastic depth", ECCV 2016.
 */
export function stochasticDepth(x: Tensor, p: number, training: boolean, mask?: Tensor): Tensor {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`stochasticDepth: p must be from 0 to 1; it is ${p}.`);
  if (!training || p === 0) return x;
  const { gpu } = x;
  const samples = x.shape[0];
  if (mask && mask.size !== samples) {
    throw new ShapeError(
      `stochasticDepth: the mask must be [${samples}] for the input [${x.shape}]; its shape is [${mask.shape}].`,
    );
  }
  const inputs = [x];
  const { shape } = x;
  if (!mask) {
    const drawn = { p, ...gpu.takeRandom() };
    const output = kernels.dropRows(x.buffer, samples, drawn);
    return record('stochasticDepth', {
      inputs,
      output,
      shape,
      backward: (dy) => [kernels.dropRows(dy, samples, drawn)],
    });
  }
  const factors = scale(mask.buffer, p < 1 ? 1 / (1 - p) : 0);
  const extent = { outer: samples, repeat: sizeOf(shape.slice(1)), inner: 1 };
  return record('stochasticDepth', {
    ...{ inputs, output: mulBroadcast(x.buffer, factors, extent), shape, saved: [factors] },
    backward: (dy) => [mulBroadcast(dy, factors, extent)],
  });
}
