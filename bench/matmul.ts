import { randomInput } from '../src/inspect/ladder/random_input.ts';
import { matmul } from '../src/kernels/matmul.ts';
import { RUNGS } from '../src/runtime/rungs.ts';
import type { Benchmark } from './benchmark.ts';

const SIZES = [
  [1024, 576, 1024],
  [128, 512, 256],
] as const;

/** C = A · B, [M, K] · [K, N]. */
export const matmulBenchmarks: Benchmark[] = SIZES.map(([m, k, n]) => ({
  name: 'matmul',
  shape: `${m}×${k}×${n}`,
  rungs: RUNGS,
  flops: 2 * m * n * k,
  bytes: 4 * (m * k + k * n + m * n),
  prepare: (gpu) => {
    const a = randomInput(gpu, m * k);
    const b = randomInput(gpu, k * n);
    return () => void matmul(a, b, { m, n, k });
  },
}));
