import type { DeviceArray, Gpu } from '../runtime/gpu.ts';
import { spreadGroups } from '../runtime/grid.ts';
import { dispatch } from './dispatch.ts';
import { MOST_PACKED, type Packed, packed, room } from './packing.ts';

type F32 = DeviceArray<'f32'>;

/** Elements whose squares one workgroup adds up. */
const PIECE = 4096;
/** Layouts whose tables are kept, the latest. */
const TABLES = 8;

interface Table {
  lengths: readonly number[];
  /** First element and number of elements of each piece. */
  pieces: DeviceArray<'u32'>;
}

const tables = new WeakMap<Gpu, Table[]>();

/** The pieces of packed arrays of these lengths; made and sent to the device once. */
function piecesOf(gpu: Gpu, lengths: readonly number[]): DeviceArray<'u32'> {
  const known = tables.get(gpu) ?? [];
  tables.set(gpu, known);
  const found = known.find(
    (table) => table.lengths.length === lengths.length && table.lengths.every((length, i) => length === lengths[i]),
  );
  if (found) return found.pieces;
  const numbers: number[] = [];
  let start = 0;
  for (const length of lengths) {
    for (let at = 0; at < length; at += PIECE) numbers.push(start + at, Math.min(PIECE, length - at));
    start += room(length);
  }
  const pieces = gpu.unscoped(() => gpu.upload(Uint32Array.from(numbers), 'clipNorm'));
  known.push({ lengths, pieces });
  if (known.length > TABLES) known.shift();
  return pieces;
}

/** The sums of squares of pieces of `PIECE` elements of arrays that lie as `packed` gives them, [pieces], in their order. */
export function sumsOfSquares(gpu: Gpu, stretches: readonly Packed[], operation: string): F32 {
  const tables = stretches.map(({ lengths }) => piecesOf(gpu, lengths));
  const counts = tables.map(({ length }) => length / 2);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const partial = gpu.alloc(total, 'f32', operation);
  let first = 0;
  for (const [s, { span }] of stretches.entries()) {
    const pieces = counts[s];
    dispatch(gpu, 'square_sums', {
      operation,
      arrays: { x: [span, span.length], piece: [tables[s], 2 * pieces], partial: [partial, total] },
      params: { pieces, first },
      workgroups: spreadGroups(pieces),
      flops: 2 * span.length,
    });
    first += pieces;
  }
  return partial;
}

/**
 * The sums of squares of arrays, each given once and none empty, in pieces: partial, [pieces], and of each piece the position among the arrays of the
 * one that it is of. One dispatch for all small arrays, one for each large one.
 */
export function squareSums(arrays: readonly F32[]): { partial: F32; owners: number[] } {
  const { gpu } = arrays[0];
  return gpu.scope(() => {
    const partial = sumsOfSquares(gpu, packed(arrays), 'squareSums');
    const isLarge = (i: number) => arrays[i].length > MOST_PACKED;
    const order = [...arrays.keys()].sort((a, b) => Number(isLarge(a)) - Number(isLarge(b)));
    const owners = order.flatMap((i) => new Array<number>(Math.ceil(arrays[i].length / PIECE)).fill(i));
    return { partial, owners };
  });
}

/**
 * Scales arrays in place so that the root of the sum of all their squares is `limit` at most. Returns what it was before, [1]. Nothing waits for the
 * device; three dispatches for all arrays together.
 */
export function clipNorm(arrays: readonly F32[], limit: number): F32 {
  const { gpu } = arrays[0];
  const norm = gpu.alloc(1, 'f32', 'clipNorm');
  gpu.scope(() => {
    const factor = gpu.alloc(1, 'f32', 'clipNorm');
    const stretches = packed(arrays);
    const partial = sumsOfSquares(gpu, stretches, 'clipNorm');
    const total = partial.length;
    dispatch(gpu, 'clip_factor', {
      operation: 'clipNorm',
      arrays: { partial: [partial, total], norm: [norm, 1], factor: [factor, 1] },
      params: { pieces: total, limit },
      workgroups: [1],
      flops: total + 3,
    });
    scaleInPlace(stretches, factor, 'clipNorm');
  });
  return norm;
}

/** Multiplies arrays, as `packed` gives them, by a number on the device, [1]. */
export function scaleInPlace(stretches: readonly Packed[], factor: F32, operation: string): void {
  for (const { span } of stretches) {
    const vectors = Math.ceil(span.length / 4);
    dispatch(span.gpu, 'scale_in_place', {
      operation,
      arrays: { factor: [factor, 1], y: [span, span.length] },
      params: { vectors },
      invocations: vectors,
      flops: span.length,
      bytes: 8 * span.length,
    });
  }
}

/** Brings every element of the arrays between −limit and limit, in place; one dispatch for all together. */
export function clipValue(arrays: readonly F32[], limit: number): void {
  const { gpu } = arrays[0];
  gpu.scope(() => {
    for (const { span } of packed(arrays)) {
      const vectors = Math.ceil(span.length / 4);
      dispatch(gpu, 'clamp_in_place', {
        operation: 'clipValue',
        arrays: { y: [span, span.length] },
        params: { vectors, limit },
        invocations: vectors,
        flops: 2 * span.length,
        bytes: 8 * span.length,
      });
    }
  });
}
