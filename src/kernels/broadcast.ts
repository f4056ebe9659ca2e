import type { DeviceArray, Gpu, Storage } from '../runtime/gpu.ts';
import { spreadGroups } from '../runtime/grid.ts';
import { dispatch } from './dispatch.ts';

type F32 = DeviceArray<'f32'>;

/** How a smaller array [outer, inner] meets a larger one [outer, repeat, inner]. */
export interface Extent {
  outer: number;
  repeat: number;
  inner: number;
}

/** Rows that one invocation adds before the sum is cut into slices. */
const ROWS_PER_SLICE = 64;

/** Invocations of a workgroup of `reduce_sum.wgsl`. */
const SUM_WORKGROUP = 64;

/** Rows that one invocation of a vec4 kernel takes with what it read once. */
const RUN = 8;

/** Parameters and grid of the vec4 kernels that write [outer, repeat, inner], inner a multiple of 4. */
function vectorRuns({ outer, repeat, inner }: Extent) {
  const runs = Math.ceil(repeat / RUN);
  const count = (outer * runs * inner) / 4;
  return { params: { count, repeat, inner: inner / 4, run: RUN, runs }, invocations: count };
}

/** y[o, r, i] = a[o, r, i] + b[o, i]. */
export function addBroadcast(a: F32, b: F32, { outer, repeat, inner }: Extent): F32 {
  const count = outer * repeat * inner;
  const y = a.gpu.alloc(count, 'f32', 'add_broadcast');
  dispatch(a.gpu, 'add_broadcast', {
    arrays: { a: [a, count], b: [b, outer * inner], y: [y, count] },
    params: { count, repeat, inner },
    invocations: count,
    flops: count,
  });
  return y;
}

/** y[o, r, i] = a[o, r, i] · b[o, i]. */
export function mulBroadcast(a: F32, b: F32, extent: Extent): F32 {
  const { outer, repeat, inner } = extent;
  const count = outer * repeat * inner;
  const y = a.gpu.alloc(count, 'f32', 'mul_broadcast');
  const arrays = { a: [a, count], b: [b, outer * inner], y: [y, count] } as const;
  const call = { operation: 'mulBroadcast', arrays, flops: count };
  if (inner % 4 === 0) dispatch(a.gpu, 'mul_broadcast_vec4', { ...call, ...vectorRuns(extent) });
  else if (inner === 1 && repeat % 4 === 0) {
    const columns = repeat / 4;
    const blocks = Math.ceil(columns / RUN);
    dispatch(a.gpu, 'mul_rows', {
      ...call,
      params: { outer, columns, blocks },
      invocations: outer * blocks,
    });
  } else {
    dispatch(a.gpu, 'mul_broadcast', { ...call, params: { count, repeat, inner }, invocations: count });
  }
  return y;
}

/** y[o, r, i] = factor · x[o, i], stored as is said; x in float32. */
export function expand(x: F32, extent: Extent, factor = 1, storage: Storage = 'f32'): F32 {
  const { outer, repeat, inner } = extent;
  const count = outer * repeat * inner;
  const y = x.gpu.alloc(count, 'f32', 'expand', storage);
  const arrays = { x: [x, outer * inner], y: [y, count] } as const;
  const flops = factor === 1 ? 0 : count;
  if (inner % 4 === 0) {
    const { params, invocations } = vectorRuns(extent);
    const call = { operation: 'expand', arrays, params: { ...params, factor }, invocations, flops };
    dispatch(x.gpu, 'expand_vec4', call);
  } else {
    dispatch(x.gpu, 'expand', { arrays, params: { count, repeat, inner, factor }, invocations: count, flops });
  }
  return y;
}

/** y[o, i] = Σ over r of a[o, r, i] · b[o, r, i], added in a fixed order. */
export function sumProducts(a: F32, b: F32, { outer, repeat, inner }: Extent): F32 {
  const { gpu } = a;
  const lanes = inner % 4 === 0 ? 4 : 1;
  const slices = Math.max(1, Math.ceil(repeat / ROWS_PER_SLICE));
  const count = outer * repeat * inner;
  const y = gpu.alloc(outer * slices * inner, 'f32', 'sumProducts');
  dispatch(gpu, lanes === 4 ? 'sum_products<vec4f>' : 'sum_products', {
    operation: 'sumProducts',
    arrays: { a: [a, count], b: [b, count], y: [y, y.length] },
    params: { count: y.length / lanes, rows: repeat, inner: inner / lanes, slices },
    invocations: y.length / lanes,
    flops: 2 * count,
  });
  if (slices === 1) return y;
  const sum = reduceSum(y, { outer, repeat: slices, inner });
  gpu.drop(y);
  return sum;
}

/** How `reduce_sum.wgsl` shares a sum over so many rows: invocations to each result, and slices, where there are too many rows for them. */
function sumParts(gpu: Gpu, rows: number, results: number): { invocations: number; slices: number } {
  const { software } = gpu.adapter;
  // More where the results would leave a workgroup idle. A GPU reads neighbouring results together, so they stay some.
  const idle = SUM_WORKGROUP / Math.min(SUM_WORKGROUP, 2 ** Math.ceil(Math.log2(Math.max(1, results))));
  const most = software ? SUM_WORKGROUP : Math.max(idle, 8);
  const invocations = Math.min(most, 2 ** Math.ceil(Math.log2(Math.max(1, rows / ROWS_PER_SLICE))));
  const each = software ? 4 * ROWS_PER_SLICE : ROWS_PER_SLICE;
  return { invocations, slices: Math.max(1, Math.ceil(rows / (invocations * each))) };
}

/** y[o, i] = factor · Σ over r of x[o, r, i], added in a fixed order; in float32, however x is stored. Where there are no rows, factor · 0. */
export function reduceSum(x: F32, { outer, repeat, inner }: Extent, factor = 1): F32 {
  const { gpu } = x;
  const lanes = inner % 4 === 0 ? 4 : 1;
  let rows = repeat;
  let array = x;
  // A very long sum is taken in slices, these again, so that all of the device works and no partial sum grows long.
  for (;;) {
    const { invocations, slices } = sumParts(gpu, rows, (outer * inner) / lanes);
    const last = slices === 1;
    const y: F32 = gpu.alloc(outer * slices * inner, 'f32', 'reduce_sum');
    const columns = SUM_WORKGROUP / invocations;
    dispatch(gpu, lanes === 4 ? 'reduce_sum<vec4f>' : 'reduce_sum', {
      operation: 'reduceSum',
      arrays: { x: [array, outer * rows * inner], y: [y, y.length] },
      constants: { COLUMNS: columns },
      params: { count: y.length / lanes, rows, inner: inner / lanes, slices, factor: last ? factor : 1 },
      workgroups: spreadGroups(Math.ceil(y.length / lanes / columns)),
      flops: outer * rows * inner,
    });
    if (array !== x) gpu.drop(array);
    if (last) return y;
    array = y;
    rows = slices;
  }
}

/** Stretches of neighbouring dimensions that are reduced, each from its first to behind its last. Dimensions of size 1 join any stretch. */
function stretchesOf(shape: readonly number[], reduced: readonly boolean[]): { first: number; end: number }[] {
  const found: { first: number; end: number }[] = [];
  shape.forEach((size, d) => {
    const last = found[found.length - 1];
    if (last?.end === d && (reduced[d] || size === 1)) last.end++;
    else if (reduced[d] && size !== 1) found.push({ first: d, end: d + 1 });
  });
  return found;
}

const product = (sizes: readonly number[]) => sizes.reduce((total, size) => total * size, 1);

/** How the extent of a stretch lies among the sizes that the other dimensions have by then. */
const extentAmong = (sizes: readonly number[], shape: readonly number[], first: number, end: number): Extent => ({
  outer: product(sizes.slice(0, first)),
  repeat: product(shape.slice(first, end)),
  inner: product(sizes.slice(end)),
});

/** Reduces one stretch of dimensions after the other. `isLast`: whether it is the last one to be reduced. */
export function reduceAxes(
  x: F32,
  shape: readonly number[],
  reduced: readonly boolean[],
  reduce: (array: F32, extent: Extent, isLast: boolean) => F32,
): F32 {
  const sizes = [...shape];
  let array = x;
  const found = stretchesOf(shape, reduced);
  // The last dimensions first, so that the later stretches run over fewer elements side by side.
  for (const [k, { first, end }] of found.reverse().entries()) {
    const y = reduce(array, extentAmong(sizes, shape, first, end), k === found.length - 1);
    if (array !== x) x.gpu.drop(array);
    array = y;
    sizes.fill(1, first, end);
  }
  return array;
}

/** factor · Σ over the dimensions that are reduced, added in a fixed order. Without any of more than one element, x itself, whose factor is 1. */
export function sumAxes(x: F32, shape: readonly number[], reduced: readonly boolean[], factor = 1): F32 {
  return reduceAxes(x, shape, reduced, (array, extent, isLast) => reduceSum(array, extent, isLast ? factor : 1));
}

/** factor · x, repeated over the dimensions that were reduced: the gradient of `sumAxes`. shape: the result's. */
export function expandAxes(x: F32, shape: readonly number[], reduced: readonly boolean[], factor = 1): F32 {
  const sizes = shape.map((size, d) => (reduced[d] ? 1 : size));
  let array = x;
  for (const [k, { first, end }] of stretchesOf(shape, reduced).entries()) {
    const y = expand(array, extentAmong(sizes, shape, first, end), k === 0 ? factor : 1);
    if (array !== x) x.gpu.drop(array);
    array = y;
    for (let d = first; d < end; d++) sizes[d] = shape[d];
  }
  return array;
}
