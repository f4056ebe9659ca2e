import type { DeviceArray } from '../runtime/gpu.ts';
import { type Extent, reduceAxes } from './broadcast.ts';
import { dispatch } from './dispatch.ts';

type F32 = DeviceArray<'f32'>;
type U32 = DeviceArray<'u32'>;

/** Which of several NaN wins a maximum. */
export type WinningNaN = 'first' | 'last';

/** y[o, i] = max over r of x[o, r, i], and the r of each, [outer, inner]. */
export function reduceMax(x: F32, extent: Extent, nan: WinningNaN = 'last'): { y: F32; winner: U32 } {
  return sliceMax(x, extent, 1, nan);
}

function sliceMax(x: F32, { outer, repeat, inner }: Extent, slices: number, nan: WinningNaN): { y: F32; winner: U32 } {
  const count = outer * slices * inner;
  const y = x.gpu.alloc(count, 'f32', 'reduceMax');
  const winner = x.gpu.alloc(count, 'u32', 'reduceMax');
  dispatch(x.gpu, 'reduce_max', {
    operation: 'reduceMax',
    arrays: { x: [x, outer * repeat * inner], y: [y, count], winner: [winner, count] },
    params: { count, rows: repeat, inner, slices },
    constants: nan === 'first' ? { FIRST_NAN: 1 } : undefined,
    invocations: count,
    flops: outer * repeat * inner,
  });
  return { y, winner };
}

/** Rows that one invocation looks through before the search is cut into slices. */
const ROWS_PER_SLICE = 256;

/** y[o, i] = max over r of x[o, r, i], without the places, so that all of the device can look through long rows. */
function largest(x: F32, { outer, repeat, inner }: Extent): F32 {
  let array = x;
  let rows = repeat;
  for (;;) {
    const slices = Math.ceil(rows / ROWS_PER_SLICE);
    const { y, winner } = sliceMax(array, { outer, repeat: rows, inner }, slices, 'first');
    x.gpu.drop(winner);
    if (array !== x) x.gpu.drop(array);
    if (slices === 1) return y;
    array = y;
    rows = slices;
  }
}

/** The largest value over the dimensions that are reduced. Without any of more than one element, x itself. */
export function maxAxes(x: F32, shape: readonly number[], reduced: readonly boolean[]): F32 {
  return reduceAxes(x, shape, reduced, largest);
}

/** dx from dy and the winners of `reduceMax`. */
export function reduceMaxGrad(dy: F32, winner: U32, { outer, repeat, inner }: Extent): F32 {
  const count = outer * repeat * inner;
  const dx = dy.gpu.alloc(count, 'f32', 'reduceMaxGrad');
  dispatch(dy.gpu, 'reduce_max_grad', {
    operation: 'reduceMaxGrad',
    arrays: { dy: [dy, outer * inner], winner: [winner, outer * inner], dx: [dx, count] },
    params: { count, rows: repeat, inner },
    invocations: count,
    flops: 0,
  });
  return dx;
}

/** Pixels and the values each of them has. */
export interface Pixels {
  pixels: number;
  channels: number;
}

/** The largest value and the mean of each pixel's channels, [pixels, 2], and the channel of the largest, [pixels]. */
export function channelPool(x: F32, { pixels, channels }: Pixels): { y: F32; winner: U32 } {
  const y = x.gpu.alloc(pixels * 2, 'f32', 'channelPool');
  const winner = x.gpu.alloc(pixels, 'u32', 'channelPool');
  dispatch(x.gpu, 'channel_pool', {
    operation: 'channelPool',
    arrays: { x: [x, pixels * channels], y: [y, pixels * 2], winner: [winner, pixels] },
    params: { pixels, channels },
    invocations: pixels,
    flops: 2 * pixels * channels,
  });
  return { y, winner };
}

/** dx from dy and the winners of `channelPool`. */
export function channelPoolGrad(dy: F32, winner: U32, { pixels, channels }: Pixels): F32 {
  const dx = dy.gpu.alloc(pixels * channels, 'f32', 'channelPoolGrad');
  dispatch(dy.gpu, 'channel_pool_grad', {
    operation: 'channelPoolGrad',
    arrays: { dy: [dy, pixels * 2], winner: [winner, pixels], dx: [dx, pixels * channels] },
    params: { pixels, channels },
    invocations: pixels * channels,
    flops: 2 * pixels * channels,
  });
  return dx;
}
