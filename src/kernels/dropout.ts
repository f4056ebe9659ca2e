import type { DeviceArray } from '../runtime/gpu.ts';
import { dispatch } from './dispatch.ts';

/** What decides a mask: the probability of a zero, and the place in the device's random sequence (`gpu.takeRandom()`). */
export interface DropoutMask {
  p: number;
  seedLow: number;
  seedHigh: number;
  offset: number;
}

/** y = x / (1 − p) where the mask keeps, else 0. The gradient is the same function of dy. */
export function dropout(x: DeviceArray<'f32'>, { p, seedLow, seedHigh, offset }: DropoutMask): DeviceArray<'f32'> {
  const count = x.length;
  const y = x.gpu.alloc(count, 'f32', 'dropout');
  const vectors = Math.ceil(count / 4);
  dispatch(x.gpu, 'dropout', {
    arrays: { x: [x, count], y: [y, count] },
    params: { vectors, p, factor: p < 1 ? 1 / (1 - p) : 0, seed_low: seedLow, seed_high: seedHigh, offset },
    invocations: vectors,
    flops: 2 * count,
  });
  return y;
}
