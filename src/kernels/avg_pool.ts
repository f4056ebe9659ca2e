import type { DeviceArray } from '../runtime/gpu.ts';
import { dispatch } from './dispatch.ts';
import { type PoolShape, poolParams } from './max_pool.ts';

type F32 = DeviceArray<'f32'>;

/** Sizes of an average pooling, and whether the padding counts as elements of its windows. */
export interface AvgPoolShape extends PoolShape {
  countPadding: boolean;
}

/** Sizes of a pooling into oh × ow windows: X [n, h, w, c] gives Y [n, oh, ow, c]. */
export type AdaptivePoolShape = Pick<PoolShape, 'n' | 'h' | 'w' | 'c' | 'oh' | 'ow'>;

const inputSize = ({ n, h, w, c }: AdaptivePoolShape) => n * h * w * c;
const outputSize = ({ n, oh, ow, c }: AdaptivePoolShape) => n * oh * ow * c;

/** What the kernels are told of the padding. */
const counted = ({ countPadding, paddedH, paddedW }: AvgPoolShape) => ({
  counted_h: countPadding ? paddedH : 0,
  counted_w: countPadding ? paddedW : 0,
});
/** Windows of a size that is no divisor overlap by an element. Elements of all windows together in one dimension. */
const inWindows = (size: number, windows: number) => size + windows - greatestCommonDivisor(size, windows);
const greatestCommonDivisor = (a: number, b: number): number => (b === 0 ? a : greatestCommonDivisor(b, a % b));
const elementsOf = ({ n, h, w, c, oh, ow }: AdaptivePoolShape) => n * c * inWindows(h, oh) * inWindows(w, ow);

/** Y. */
export function avgPool(x: F32, s: AvgPoolShape): F32 {
  const count = outputSize(s);
  const y = x.gpu.alloc(count, 'f32', 'avgPool', x.storage);
  dispatch(x.gpu, 'avg_pool', {
    operation: 'avgPool',
    arrays: { x: [x, inputSize(s)], y: [y, count] },
    params: { count, c: s.c, ...poolParams(s), ...counted(s) },
    invocations: count,
    flops: count * (s.kh * s.kw + 1),
  });
  return y;
}

/** dX from dY. */
export function avgPoolGrad(dy: F32, s: AvgPoolShape): F32 {
  const count = inputSize(s);
  const dx = dy.gpu.alloc(count, 'f32', 'avgPoolGrad', dy.storage);
  dispatch(dy.gpu, 'avg_pool_grad', {
    operation: 'avgPoolGrad',
    arrays: { dy: [dy, outputSize(s)], dx: [dx, count] },
    params: { count, c: s.c, ...poolParams(s), ...counted(s) },
    invocations: count,
    flops: 2 * outputSize(s) * s.kh * s.kw,
  });
  return dx;
}

/** Y. */
export function adaptiveAvgPool(x: F32, s: AdaptivePoolShape): F32 {
  const { c, h, w, oh, ow } = s;
  const count = outputSize(s);
  const y = x.gpu.alloc(count, 'f32', 'adaptiveAvgPool', x.storage);
  dispatch(x.gpu, 'adaptive_avg_pool', {
    operation: 'adaptiveAvgPool',
    arrays: { x: [x, inputSize(s)], y: [y, count] },
    params: { count, c, h, w, oh, ow },
    invocations: count,
    flops: elementsOf(s) + count,
  });
  return y;
}

/** dX from dY. */
export function adaptiveAvgPoolGrad(dy: F32, s: AdaptivePoolShape): F32 {
  const { c, h, w, oh, ow } = s;
  const count = inputSize(s);
  const dx = dy.gpu.alloc(count, 'f32', 'adaptiveAvgPoolGrad', dy.storage);
  dispatch(dy.gpu, 'adaptive_avg_pool_grad', {
    operation: 'adaptiveAvgPoolGrad',
    arrays: { dy: [dy, outputSize(s)], dx: [dx, count] },
    params: { count, c, h, w, oh, ow },
    invocations: count,
    flops: 2 * elementsOf(s),
  });
  return dx;
}
