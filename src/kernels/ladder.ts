import type { DeviceArray, Gpu } from '../runtime/gpu.ts';
import type { BatchNormShape } from './batch_norm.ts';
import { dispatch } from './dispatch.ts';
import type { Rows } from './softmax.ts';

// Kernels that no network runs: naive rungs that the fast ones are compared with, and what measures the device.

type F32 = DeviceArray<'f32'>;

/** Batch normalisation in training, by the naive rung. */
export function batchNormNaive(
  x: F32,
  weight: F32,
  bias: F32,
  { rows, channels, eps }: BatchNormShape & { eps: number },
): F32 {
  const { gpu } = x;
  const y = gpu.alloc(rows * channels, 'f32', 'batchNorm');
  dispatch(gpu, 'batch_norm_naive', {
    operation: 'batchNorm',
    arrays: { x: [x, rows * channels], weight: [weight, channels], bias: [bias, channels], y: [y, rows * channels] },
    params: { rows, columns: channels, eps },
    invocations: channels,
    flops: 8 * rows * channels,
  });
  return y;
}

/** Softmax of each row, by the naive rung. */
export function softmaxNaive(x: F32, { rows, classes }: Rows): F32 {
  const count = rows * classes;
  const y = x.gpu.alloc(count, 'f32', 'softmax');
  const arrays = { x: [x, count], y: [y, count] } as const;
  dispatch(x.gpu, 'softmax_naive', {
    ...{ operation: 'softmax', arrays, params: { rows, classes }, invocations: count },
    // Each element adds up its row anew.
    flops: count * (4 * classes + 3),
  });
  return y;
}

/** How much `peakFlops` computes. */
export interface PeakWork {
  invocations: number;
  turns: number;
}

/** Floating-point operations of a call of `peakFlops`. */
export function flopsOfPeak(gpu: Gpu, { invocations, turns }: PeakWork): number {
  const { CHAINS, UNROLLED } = gpu.shader('peak_flops').constants;
  return 2 * 4 * CHAINS * UNROLLED * turns * invocations;
}

/** Fused multiply-adds in registers: what the arithmetic of the device can do at most. Returns [invocations]. */
export function peakFlops(gpu: Gpu, work: PeakWork): F32 {
  const { invocations, turns } = work;
  const y = gpu.alloc(invocations, 'f32', 'peakFlops');
  dispatch(gpu, 'peak_flops', {
    arrays: { y: [y, invocations] },
    // Near to a fixed point, so that the numbers stay ordinary ones however long it goes on.
    params: { count: invocations, turns, factor: 0.999, offset: 0.001 },
    invocations,
    flops: flopsOfPeak(gpu, work),
  });
  return y;
}
