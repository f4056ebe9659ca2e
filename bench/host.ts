import type { Gpu } from '../src/kernels/gpu.ts';
import type { Row } from './benchmark.ts';
import { trainingStep } from './training_step.ts';

/**
 * JavaScript per dispatch: the time to enqueue a whole training step without waiting for the device, divided by its dispatches. The step is that of
 * a very narrow network, which has as many dispatches as the wide one, so that a software adapter leaves the processor to JavaScript. The fastest
 * of the runs counts, not their median: whatever else runs on the machine only adds.
 */
export async function measureHost(gpu: Gpu, runs: number): Promise<Row> {
  return gpu.scope(async () => {
    const { step } = trainingStep(gpu, 2, 1 / 16);
    // JavaScript's compiler needs some rounds before it is at speed.
    for (let i = 0; i < 20; i++) gpu.scope(step);
    await gpu.finish();
    const before = gpu.counters.dispatches;
    gpu.scope(step);
    const dispatches = gpu.counters.dispatches - before;
    const samples: number[] = [];
    for (let run = 0; run < 10 * runs; run++) {
      await gpu.finish();
      const start = performance.now();
      gpu.scope(step);
      gpu.flush();
      samples.push((performance.now() - start) / dispatches);
    }
    await gpu.finish();
    return {
      name: 'host',
      shape: `JavaScript per dispatch, ${dispatches} a training step`,
      ...{ rung: 'auto', ms: Math.min(...samples), gflops: null, gbps: null, vsNaive: null },
    };
  });
}
