import type { DeviceArray } from '../runtime/gpu.ts';
import { groupsFor } from '../runtime/grid.ts';
import { dispatch } from './dispatch.ts';

type F32 = DeviceArray<'f32'>;

/** Sizes of a pooling: X [n, h, w, c] gives Y [n, oh, ow, c]. The last windows may overhang the border. */
export interface PoolShape {
  n: number;
  h: number;
  w: number;
  c: number;
  kh: number;
  kw: number;
  strideH: number;
  strideW: number;
  padH: number;
  padW: number;
  /** Rows and columns with the padding before and behind them. */
  paddedH: number;
  paddedW: number;
  /** Pixels from one element of a window to the next; 1 for an average. */
  dilationH: number;
  dilationW: number;
  oh: number;
  ow: number;
}

/** Work is done on four channels at once where their number allows it; windows with gaps, which are rare, are left to the plain kernels. */
const inVectors = ({ c, dilationH, dilationW }: PoolShape) => c % 4 === 0 && dilationH === 1 && dilationW === 1;

/** What the plain kernels are told beside. */
const gaps = ({ dilationH, dilationW }: PoolShape) => ({ dilation_h: dilationH, dilation_w: dilationW });

/** Parameters that the pooling kernels share. */
export function poolParams({ h, w, oh, ow, kh, kw, strideH, strideW, padH, padW }: PoolShape): Record<string, number> {
  return { h, w, oh, ow, kh, kw, stride_h: strideH, stride_w: strideW, pad_h: padH, pad_w: padW };
}

const inputSize = (s: PoolShape) => s.n * s.h * s.w * s.c;
const outputSize = (s: PoolShape) => s.n * s.oh * s.ow * s.c;

/** Y and, four to a word, the place of each window's winner. */
export function maxPool(x: F32, s: PoolShape): { y: F32; winner: DeviceArray<'u32'> } {
  const { gpu } = x;
  const count = outputSize(s);
  const words = Math.ceil(count / 4);
  const y = gpu.alloc(count, 'f32', 'maxPool', x.storage);
  const winner = gpu.alloc(words, 'u32', 'maxPool');
  const arrays = { x: [x, inputSize(s)], y: [y, count], winner: [winner, words] } as const;
  const operation = 'maxPool';
  if (inVectors(s)) {
    const columns = s.c / 4;
    const workgroups = [groupsFor(gpu, 'max_pool_vec4', s.ow * columns), s.oh, s.n] as const;
    dispatch(gpu, 'max_pool_vec4', {
      operation,
      arrays,
      params: { columns, ...poolParams(s) },
      workgroups,
      flops: count * s.kh * s.kw,
    });
  } else {
    const params = { count, c: s.c, ...poolParams(s), ...gaps(s) };
    dispatch(gpu, 'max_pool', { operation, arrays, params, invocations: words, flops: count * s.kh * s.kw });
  }
  return { y, winner };
}

/** dX from dY and the winners. */
export function maxPoolGrad(dy: F32, winner: DeviceArray<'u32'>, s: PoolShape): F32 {
  const { gpu } = dy;
  const count = inputSize(s);
  const dx = gpu.alloc(count, 'f32', 'maxPoolGrad', dy.storage);
  const arrays = { dy: [dy, outputSize(s)], winner: [winner, Math.ceil(outputSize(s) / 4)], dx: [dx, count] } as const;
  const operation = 'maxPoolGrad';
  if (inVectors(s)) {
    const columns = s.c / 4;
    // Blocks of stride × stride elements that cover the image and the border before it.
    const blocks = Math.ceil((s.w + s.padW) / s.strideW);
    const across = groupsFor(gpu, 'max_pool_grad_vec4', blocks * columns);
    dispatch(gpu, 'max_pool_grad_vec4', {
      operation,
      arrays,
      params: { columns, blocks, ...poolParams(s) },
      workgroups: [across, Math.ceil((s.h + s.padH) / s.strideH), s.n],
      flops: outputSize(s),
    });
  } else {
    const params = { count, c: s.c, ...poolParams(s), ...gaps(s) };
    dispatch(gpu, 'max_pool_grad', { operation, arrays, params, invocations: count, flops: outputSize(s) });
  }
  return dx;
}
