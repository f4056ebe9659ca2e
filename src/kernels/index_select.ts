import type { DeviceArray } from '../runtime/gpu.ts';
import { dispatch } from './dispatch.ts';

type F32 = DeviceArray<'f32'>;

/** An array [outer, rows, inner] of which rows are picked. */
export interface PickedRows {
  outer: number;
  rows: number;
  inner: number;
}

/** y[o, k, i] = x[o, index[k], i]: [outer, picked, inner]. NaN where the index is of no row. */
export function indexSelect(x: F32, index: DeviceArray<'u32'>, { outer, rows, inner }: PickedRows): F32 {
  const picked = index.length;
  const count = outer * picked * inner;
  const y = x.gpu.alloc(count, 'f32', 'indexSelect');
  dispatch(x.gpu, 'index_select', {
    operation: 'indexSelect',
    arrays: { x: [x, outer * rows * inner], index: [index, picked], y: [y, count] },
    params: { count, rows, picked, inner },
    invocations: count,
    flops: 0,
    bytes: 8 * count + 4 * picked,
  });
  return y;
}

/** dx from dy: each row's sum over the places it was picked to, added in their order. The work is rows × picked × inner. */
export function indexSelectGrad(dy: F32, index: DeviceArray<'u32'>, { outer, rows, inner }: PickedRows): F32 {
  const picked = index.length;
  const count = outer * rows * inner;
  const dx = dy.gpu.alloc(count, 'f32', 'indexSelectGrad');
  dispatch(dy.gpu, 'index_select_grad', {
    operation: 'indexSelectGrad',
    arrays: { dy: [dy, outer * picked * inner], index: [index, picked], dx: [dx, count] },
    params: { count, rows, picked, inner },
    invocations: count,
    flops: outer * picked * inner,
  });
  return dx;
}
