import type { DeviceArray, Storage } from '../runtime/gpu.ts';
import { dispatch } from './dispatch.ts';

type F32 = DeviceArray<'f32'>;

/** How real numbers may be stored: in four bytes or in two. */
export const PRECISIONS = ['f32', 'f16'] as const satisfies readonly Storage[];
/** One of `PRECISIONS`: 'f32', or 'f16', half precision. */
export type Precision = (typeof PRECISIONS)[number];

/** y = x, stored as is said: rounded to the nearest half-precision number, or exact in float32. x itself where it is stored so. */
export function cast(x: F32, to: Precision): F32 {
  if (x.storage === to) return x;
  const count = x.length;
  const y = x.gpu.alloc(count, 'f32', 'cast', to);
  const vectors = Math.ceil(count / 4);
  dispatch(x.gpu, to === 'f16' ? 'to_half' : 'to_float', {
    operation: 'cast',
    arrays: { x: [x, count], y: [y, count] },
    params: { vectors },
    invocations: vectors,
    flops: 0,
  });
  return y;
}
