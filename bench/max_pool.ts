import { randomInput } from '../src/inspect/ladder/random_input.ts';
import { maxPool, maxPoolGrad, type PoolShape } from '../src/kernels/max_pool.ts';
import type { Benchmark } from './benchmark.ts';

/** 2×2 windows, stride 2, as CustomCNN pools. */
function benchmarks(n: number, size: number, c: number): Benchmark[] {
  const s: PoolShape = {
    ...{ n, h: size, w: size, c, kh: 2, kw: 2, strideH: 2, strideW: 2, padH: 0, padW: 0 },
    ...{ paddedH: size, paddedW: size },
    ...{ dilationH: 1, dilationW: 1, oh: size / 2, ow: size / 2 },
  };
  const inputs = n * size * size * c;
  const outputs = inputs / 4;
  const common = {
    shape: `${n}×${size}×${size}×${c}`,
    rungs: ['auto'] as const,
    bytes: 4 * inputs + 5 * outputs, // the winners take a byte each
  };
  return [
    {
      ...{ name: 'max-pool', ...common },
      prepare: (gpu) => {
        const x = randomInput(gpu, inputs);
        return () => void maxPool(x, s);
      },
    },
    {
      ...{ name: 'max-pool-grad', ...common },
      prepare: (gpu) => {
        const { winner } = maxPool(randomInput(gpu, inputs), s);
        const dy = randomInput(gpu, outputs);
        return () => void maxPoolGrad(dy, winner, s);
      },
    },
  ];
}

export const maxPoolBenchmarks: Benchmark[] = [...benchmarks(16, 32, 64), ...benchmarks(16, 8, 256)];
