import { networkTraining } from '../src/inspect/benchmark/network_training.ts';
import type { ModelName } from '../src/nn/models/index.ts';
import type { Benchmark } from './benchmark.ts';

const benchmark = (net: ModelName, batch: number, width: number, rungs: Benchmark['rungs']): Benchmark => ({
  name: 'training-step',
  shape: `${net} width ${width}, batch ${batch}`,
  rungs,
  prepare: (gpu) => networkTraining(gpu, batch, width, net).step,
});

/**
 * Whole training steps, at full size and at those of the lab's quick run, where most of the time goes into many small dispatches. The naive rung
 * takes many seconds a step on a software adapter, so it is held beside the fast ones for the small batch only.
 */
export const trainingStepBenchmarks: Benchmark[] = [
  benchmark('custom-cnn', 8, 1, ['naive', 'auto']),
  benchmark('custom-cnn', 32, 1, ['auto']),
  benchmark('custom-cnn', 32, 0.25, ['auto']),
  benchmark('custom-cnn', 32, 0.125, ['auto']),
  benchmark('custom-cnn', 16, 0.125, ['auto']),
  benchmark('resnet18', 16, 0.125, ['auto']),
  benchmark('efficientnet-b0', 32, 0.25, ['auto']),
  benchmark('resnet18', 32, 1, ['auto']),
  benchmark('efficientnet-b0', 32, 1, ['auto']),
];
