import { type DeviceArray, elementBytes } from '../runtime/gpu.ts';
import { denseStrides, mergeDimensions, stridedParams } from './dimensions.ts';
import { dispatch } from './dispatch.ts';
import { transpose } from './matmul.ts';

type F32 = DeviceArray<'f32'>;
/** One number for each of four dimensions, outermost first. */
export type Four = readonly [number, number, number, number];

/** Where a part lies in a whole: its element i is the whole's start + i · step, in each dimension. */
export interface StridedPart {
  whole: Four;
  part: Four;
  start: Four;
  step: Four;
}

const product = (sizes: Four) => sizes.reduce((total, size) => total * size, 1);

function params({ whole, part, start, step }: StridedPart): Record<string, number> {
  const entries: Record<string, number> = {};
  for (const [name, values] of Object.entries({ whole, part, start, step })) {
    values.forEach((value, d) => {
      entries[`${name}_${d}`] = value;
    });
  }
  return entries;
}

/** The part, in memory of its own. */
export function stridedSlice(whole: F32, s: StridedPart): F32 {
  const count = product(s.part);
  const part = whole.gpu.alloc(count, 'f32', 'slice', whole.storage);
  dispatch(whole.gpu, 'strided_slice', {
    operation: 'slice',
    arrays: { whole: [whole, product(s.whole)], part: [part, count] },
    params: { ...params(s), count },
    invocations: count,
    flops: 0,
    bytes: 2 * elementBytes(whole.storage) * count,
  });
  return part;
}

/** A whole that has the part in its place, and zeros elsewhere. */
export function stridedEmbed(part: F32, s: StridedPart): F32 {
  const count = product(s.whole);
  const whole = part.gpu.alloc(count, 'f32', 'embed', part.storage);
  dispatch(part.gpu, 'strided_embed', {
    operation: 'embed',
    arrays: { part: [part, product(s.part)], whole: [whole, count] },
    params: { ...params(s), count },
    invocations: count,
    flops: 0,
  });
  return whole;
}

/** A block of columns of a matrix [rows, width]. */
export interface Columns {
  array: F32;
  width: number;
  first: number;
}

/** Copies `columns` neighbouring columns of each of `rows` rows from one matrix into another. */
export function copyColumns(from: Columns, to: Columns, rows: number, columns: number): void {
  const count = rows * columns;
  dispatch(to.array.gpu, 'copy_rows', {
    operation: 'concat',
    arrays: { x: [from.array, rows * from.width], y: [to.array, rows * to.width] },
    params: { count, columns, x_width: from.width, x_first: from.first, y_width: to.width, y_first: to.first },
    invocations: count,
    flops: 0,
    bytes: 8 * count,
  });
}

/**
 * y[i₀, i₁, …] = x[Σ iₖ · strides[k]], in memory of its own unless the elements lie in that order already. sizes: of y; strides: the elements of x
 * from one index of y's dimension to the next. operation: what errors and profiles call it.
 */
export function permute(operation: string, x: F32, sizes: readonly number[], strides: readonly number[]): F32 {
  const merged = mergeDimensions({ sizes, strides: { x: strides } });
  const [size, step] = [merged.sizes, merged.strides.x];
  if (x.length === 0 || `${step}` === `${denseStrides(size)}`) return x;
  // A stack of matrices, each turned: the transposing kernels take more at once.
  const [columns, rows] = size.slice(-2);
  const isStack = size.length === 2 || (size.length === 3 && step[0] === rows * columns);
  if (isStack) {
    return transpose(x, size.length === 3 ? size[0] : 1, rows, columns);
  }
  const params = stridedParams(operation, { sizes, strides: { x: strides } });
  const y = x.gpu.alloc(x.length, 'f32', operation);
  dispatch(x.gpu, 'permute', {
    operation,
    arrays: { x: [x, params.count], y: [y, params.count] },
    params,
    invocations: params.count,
    flops: 0,
  });
  return y;
}
