import { randomInput } from '../src/inspect/ladder/random_input.ts';
import {
  batchNormApply,
  batchNormGradSums,
  batchNormInputGrad,
  batchNormStatistics,
} from '../src/kernels/batch_norm.ts';
import type { Benchmark } from './benchmark.ts';

const SIZES = [
  [16, 32, 64],
  [16, 4, 512],
] as const;

/** Training: statistics of the batch, ReLU in the same pass. */
function benchmarks(n: number, size: number, channels: number): Benchmark[] {
  const rows = n * size * size;
  const array = 4 * rows * channels;
  const shape = { rows, channels };
  const common = { shape: `${n}×${size}×${size}×${channels}`, rungs: ['auto'] as const };
  return [
    {
      ...{ name: 'batch-norm', ...common },
      bytes: 3 * array, // x for the statistics, x and y for the normalisation
      prepare: (gpu) => {
        const x = randomInput(gpu, rows * channels);
        const [mean, variance, weight, bias] = [0, 1, 2, 3].map(() => randomInput(gpu, channels));
        return () => {
          const statistics = batchNormStatistics(x, mean, variance, { ...shape, eps: 1e-5, momentum: 0.1 });
          batchNormApply(x, statistics, weight, bias, { ...shape, activation: 'relu' });
        };
      },
    },
    {
      ...{ name: 'batch-norm-grad', ...common },
      bytes: 5 * array, // x and dy twice, dx once
      prepare: (gpu) => {
        const [x, dy] = [0, 1].map(() => randomInput(gpu, rows * channels));
        const [mean, invstd, weight, bias] = [0, 1, 2, 3].map(() => randomInput(gpu, channels));
        const saved = { x, mean, invstd, weight, bias, activation: 'relu' } as const;
        return () => {
          const sums = batchNormGradSums(dy, saved, shape);
          batchNormInputGrad(dy, saved, sums, { ...shape, training: true });
        };
      },
    },
  ];
}

export const batchNormBenchmarks: Benchmark[] = SIZES.flatMap(([n, size, channels]) => benchmarks(n, size, channels));
