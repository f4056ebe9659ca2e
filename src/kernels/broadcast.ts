import type { DeviceArray } from './device_array.ts';
import { flatGrid } from './grid.ts';

type F32 = DeviceArray<'f32'>;

/** How a smaller array [outer, inner] meets a larger one [outer, repeat, inner]. */
export interface Extent {
  outer: number;
  repeat: number;
  inner: number;
}

/** Rows that one invocation adds before the sum is cut into slices. */
const ROWS_PER_SLICE = 64;

function broadcast(shader: 'add_broadcast' | 'mul_broadcast', a: F32, b: F32, { outer, repeat, inner }: Extent): F32 {
  const count = outer * repeat * inner;
  const y = a.gpu.alloc(count, 'f32', shader);
  a.gpu.dispatch(shader, {
    arrays: { a: [a, count], b: [b, outer * inner], y: [y, count] },
    params: { count, repeat, inner },
    workgroups: flatGrid(count),
  });
  return y;
}

/** y[o, r, i] = a[o, r, i] + b[o, i]. */
export function addBroadcast(a: F32, b: F32, extent: Extent): F32 {
  return broadcast('add_broadcast', a, b, extent);
}

/** y[o, r, i] = a[o, r, i] · b[o, i]. */
export function mulBroadcast(a: F32, b: F32, extent: Extent): F32 {
  return broadcast('mul_broadcast', a, b, extent);
}

/** y[o, r, i] = factor · x[o, i]. */
export function expand(x: F32, { outer, repeat, inner }: Extent, factor = 1): F32 {
  const count = outer * repeat * inner;
  const y = x.gpu.alloc(count, 'f32', 'expand');
  x.gpu.dispatch('expand', {
    arrays: { x: [x, outer * inner], y: [y, count] },
    params: { count, repeat, inner, factor },
    workgroups: flatGrid(count),
  });
  return y;
}

/** y[o, i] = factor · Σ over r of x[o, r, i], added in a fixed order. */
export function reduceSum(x: F32, { outer, repeat, inner }: Extent, factor = 1): F32 {
  const lanes = inner % 4 === 0 ? 4 : 1;
  let rows = repeat;
  let array = x;
  // A long sum is taken in slices, these again, so that all of the device works and no partial sum grows long.
  for (;;) {
    const slices = Math.ceil(rows / ROWS_PER_SLICE);
    const last = slices === 1;
    const y: F32 = x.gpu.alloc(outer * slices * inner, 'f32', 'reduce_sum');
    x.gpu.dispatch(`reduce_sum${lanes === 4 ? '_vec4' : ''}`, {
      operation: 'reduceSum',
      arrays: { x: [array, outer * rows * inner], y: [y, y.length] },
      params: { count: y.length / lanes, rows, inner: inner / lanes, slices, factor: last ? factor : 1 },
      workgroups: flatGrid(y.length / lanes),
    });
    if (array !== x) x.gpu.drop(array);
    if (last) return y;
    array = y;
    rows = slices;
  }
}
