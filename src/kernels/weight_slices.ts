import type { DeviceArray, Gpu } from '../runtime/gpu.ts';
import { enoughInvocations } from '../runtime/grid.ts';
import { reduceSum } from './broadcast.ts';

type F32 = DeviceArray<'f32'>;

/** Bytes that the slices of one result may take together. */
const MOST_SLICE_BYTES = 2 ** 23;

/**
 * How many slices to cut the sums of a weight gradient into, or of another result of so many `weights`, of `units` of work that an invocation takes
 * whole, so that the device has enough to do.
 */
export function weightGradSlices(gpu: Gpu, weights: number, invocations: number, units: number): number {
  return Math.min(
    Math.ceil(enoughInvocations(gpu) / invocations),
    units,
    Math.max(1, Math.floor(MOST_SLICE_BYTES / (4 * weights))),
  );
}

/** dW from its slices, added in a fixed order. */
export function sumSlices(partial: F32, slices: number, weights: number): F32 {
  if (slices === 1) return partial;
  const dw = reduceSum(partial, { outer: 1, repeat: slices, inner: weights });
  partial.gpu.drop(partial);
  return dw;
}
