import type { Gpu } from '../src/runtime/gpu.ts';
import type { RungName } from '../src/runtime/rungs.ts';

/** Something to time. */
export interface Benchmark {
  /** What it is chosen by; several shapes share one. */
  name: string;
  /** Sizes, for the reader. */
  shape: string;
  /** The versions of its kernels to hold beside each other; 'auto' leaves the choice to the kernels. */
  rungs: readonly (RungName | 'auto')[];
  /** Floating-point operations of one call; left out, what its dispatches state, if they do. */
  flops?: number;
  /** Bytes that one call must read and write, every array once; left out, what its dispatches state. */
  bytes?: number;
  /** Uploads what it needs, in the current scope, and returns one call, which is repeated in scopes of its own. */
  prepare(gpu: Gpu): () => void;
}

/** One line of the results. */
export interface Row {
  name: string;
  shape: string;
  rung: RungName | 'auto';
  /** Median time of one call. */
  ms: number;
  gflops: number | null;
  gbps: number | null;
  /** How many times as fast as the naive rung in the same run; null where that was not run. */
  vsNaive: number | null;
}
