import type { DeviceArray } from '../runtime/gpu.ts';
import { scaleInPlace, sumsOfSquares } from './clip.ts';
import { dispatch } from './dispatch.ts';
import { packed } from './packing.ts';

type F32 = DeviceArray<'f32'>;

/** The scale of a loss on the device, as `loss_scale.wgsl` has it. */
export interface LossScale {
  /** [1]. */
  scale: F32;
  /** [4]: good steps in a row, steps skipped in all and in a row, and whether the step at hand is skipped. */
  state: F32;
}

/** How the scale moves. */
export interface ScaleMoves {
  growth: number;
  backoff: number;
  interval: number;
}

/**
 * Divides gradients of a scaled loss by the scale, in place; notes whether they are finite, and moves the scale on. Nothing waits for the device. That they
 * are is seen by their squares, so that one beyond 1.8e19 counts as infinite.
 */
export function unscaleGradients(grads: readonly F32[], { scale, state }: LossScale, moves: ScaleMoves): void {
  const { gpu } = scale;
  gpu.scope(() => {
    const stretches = packed(grads);
    const partial = sumsOfSquares(gpu, stretches, 'lossScale');
    const factor = gpu.alloc(1, 'f32', 'lossScale');
    dispatch(gpu, 'loss_scale', {
      operation: 'lossScale',
      arrays: { partial: [partial, partial.length], scale: [scale, 1], state: [state, 4], factor: [factor, 1] },
      params: { pieces: partial.length, ...moves },
      workgroups: [1],
      flops: partial.length,
    });
    scaleInPlace(stretches, factor, 'lossScale');
  });
}
