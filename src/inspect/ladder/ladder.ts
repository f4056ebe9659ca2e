import type { DeviceArray } from '../../runtime/gpu.ts';
import type { Rung } from '../../runtime/rungs.ts';
import type { Loads } from './loads.ts';

type F32 = DeviceArray<'f32'>;

/** One version of a kernel. */
export interface LadderRung {
  name: string;
  /** The version of the kernels to force while it runs; undefined where `run` chooses by itself. */
  forced?: Rung;
  /** The shader whose header tells of the rung, where its name does not hold the rung's. */
  shader?: string;
  run(inputs: readonly F32[]): F32;
  loads(shader: string): Loads;
}

/** A kernel in all its versions, with the work to compare them by. */
export interface Ladder {
  /** Sizes, for the reader. */
  shape: string;
  /** Floating-point operations of one call; a multiply-add is two. What a version computes more than once counts once. */
  flops: number;
  /** Bytes of all arrays, each read or written once. */
  bytes: number;
  /** Elements of each input, which are filled with numbers from −1 to 1. */
  inputs: readonly number[];
  /** Terms of the longest sum, for how far rounding may go. */
  terms: number;
  /** From naive on. */
  rungs: readonly LadderRung[];
  /** An element of the result in float64. */
  expected(inputs: readonly Float32Array[], element: number): number;
}
