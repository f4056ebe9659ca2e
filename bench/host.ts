import { networkTraining } from '../src/inspect/benchmark/network_training.ts';
import { add } from '../src/kernels/elementwise.ts';
import { openNullDevice } from '../src/node.ts';
import type { Gpu } from '../src/runtime/gpu.ts';
import { median } from '../src/runtime/timing.ts';
import type { Row } from './benchmark.ts';

/** Steps of one sample: enough for the garbage collector's share to be in it. */
const STEPS = 4;

/** Milliseconds for each dispatch of whole training steps, enqueued without waiting for the device, and the dispatches of a step. */
async function enqueue(gpu: Gpu, runs: number): Promise<{ samples: number[]; dispatches: number }> {
  return gpu.scope(async () => {
    // A very narrow network has as many dispatches as the wide one, and leaves the processor to JavaScript where a software adapter shares it.
    const { step } = networkTraining(gpu, 2, 1 / 16);
    // JavaScript's compiler needs some rounds before it is at speed.
    for (let i = 0; i < 150; i++) gpu.scope(step);
    await gpu.finish();
    const before = gpu.counters.dispatches;
    gpu.scope(step);
    const dispatches = gpu.counters.dispatches - before;
    const samples: number[] = [];
    for (let run = 0; run < 10 * runs; run++) {
      await gpu.finish();
      const start = performance.now();
      for (let i = 0; i < STEPS; i++) {
        gpu.scope(step);
        gpu.flush();
      }
      samples.push((performance.now() - start) / (STEPS * dispatches));
    }
    await gpu.finish();
    return { samples, dispatches };
  });
}

/** Samples before the first that counts: JavaScript's compiler needs some 20,000 dispatches before it is at speed. */
const WARM_UP = 10;

/** Milliseconds from the encoding of a dispatch to its end, for kernels that compute next to nothing. */
async function tinyDispatches(gpu: Gpu, runs: number): Promise<number[]> {
  const count = 2000;
  return gpu.scope(async () => {
    const arrays = Array.from({ length: 4 }, (_, i) => gpu.upload(new Float32Array(64).fill(i), 'bench'));
    const some = () => {
      for (let i = 0; i < 50; i++) add(arrays[i % 4], arrays[(i + 1) % 4]);
    };
    const samples: number[] = [];
    for (let run = -WARM_UP; run < runs; run++) {
      await gpu.finish();
      const start = performance.now();
      for (let i = 0; i < count; i += 50) gpu.scope(some);
      await gpu.finish();
      if (run >= 0) samples.push((performance.now() - start) / count);
    }
    return samples;
  });
}

/**
 * What a dispatch costs the thread that JavaScript runs on. Without a driver: the engine's JavaScript, its garbage, and Dawn's checks, the median of
 * the samples. With the adapter's driver: all of that, what the driver does when commands are recorded and sent, and the wait for a core
 * where a software driver computes on all of them; the fastest sample, as the others tell of the wait. Last, a kernel that computes next to nothing,
 * from its encoding to its end: what the driver and its threads add.
 */
export async function measureHost(gpu: Gpu, runs: number): Promise<Row[]> {
  const row = (shape: string, ms: number): Row => {
    return { name: 'host', shape, rung: 'auto', ms, gflops: null, gbps: null, vsNaive: null };
  };
  const withDriver = await enqueue(gpu, runs);
  const tiny = await tinyDispatches(gpu, runs);
  const nothing = await openNullDevice();
  try {
    const alone = await enqueue(nothing, runs);
    return [
      row(`JavaScript per dispatch, ${alone.dispatches} a training step, no driver`, median(alone.samples)),
      row(`the same with the driver, ${withDriver.dispatches} a training step`, Math.min(...withDriver.samples)),
      row('a tiny kernel, from encoding to its end', median(tiny)),
    ];
  } finally {
    nothing.close();
  }
}
