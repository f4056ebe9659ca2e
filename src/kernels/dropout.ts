import type { DeviceArray } from '../runtime/gpu.ts';
import { dispatch } from './dispatch.ts';

/** What decides a mask: the probability of a zero, and the place in the device's random sequence (`gpu.takeRandom()`). */
export interface DropoutMask {
  p: number;
  seedLow: number;
  seedHigh: number;
  offset: number;
}

/** What the shaders are told of a mask. */
const drawn = ({ p, seedLow, seedHigh, offset }: DropoutMask) => ({
  ...{ p, factor: p < 1 ? 1 / (1 - p) : 0, seed_low: seedLow, seed_high: seedHigh, offset },
});

/** y = x / (1 − p) where the mask keeps, else 0. The gradient is the same function of dy. */
export function dropout(x: DeviceArray<'f32'>, mask: DropoutMask): DeviceArray<'f32'> {
  const count = x.length;
  const y = x.gpu.alloc(count, 'f32', 'dropout', x.storage);
  const vectors = Math.ceil(count / 4);
  dispatch(x.gpu, 'dropout', {
    arrays: { x: [x, count], y: [y, count] },
    params: { vectors, ...drawn(mask) },
    invocations: vectors,
    flops: 2 * count,
  });
  return y;
}

/** Elements of a row that an invocation takes with the number that it drew. */
const RUN = 8;

/** y = x / (1 − p) in the rows that the mask keeps, else 0: the mask of `dropout` for an array of one element a row. The gradient is the same function of dy. */
export function dropRows(x: DeviceArray<'f32'>, rows: number, mask: DropoutMask): DeviceArray<'f32'> {
  const count = x.length;
  const y = x.gpu.alloc(count, 'f32', 'stochasticDepth');
  const length = count / Math.max(1, rows);
  const lanes = length % 4 === 0 ? 4 : 1;
  const columns = length / lanes;
  const blocks = Math.ceil(columns / RUN);
  dispatch(x.gpu, lanes === 4 ? 'stochastic_depth<vec4f>' : 'stochastic_depth', {
    operation: 'stochasticDepth',
    arrays: { x: [x, count], y: [y, count] },
    params: { rows, columns, blocks, ...drawn(mask) },
    invocations: rows * blocks,
    flops: count,
  });
  return y;
}
