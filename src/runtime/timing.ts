import type { Gpu } from './gpu.ts';
import type { Profile } from './profiler.ts';

/** Calls shorter than this are repeated until they take as long, so that waiting for the device does not weigh. */
const SAMPLE_MS = 30;
/** What would take longer than this for all its runs is given fewer, at least one. */
const BUDGET_MS = 4000;

/** The value in the middle, or the mean of the two there. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Milliseconds of one call, with the device's work done, as a mean over `repetitions`. */
export async function timeCall(gpu: Gpu, call: () => unknown, repetitions: number): Promise<number> {
  await gpu.finish();
  const start = performance.now();
  for (let i = 0; i < repetitions; i++) gpu.scope(() => void call());
  await gpu.finish();
  return (performance.now() - start) / repetitions;
}

/** Runs work and waits for it; returns what it came to and its dispatches, each with its time. A profiler that was at work stays so. */
export async function timedDispatches<R>(gpu: Gpu, work: () => R) {
  const profiling = gpu.profiler !== undefined;
  const profiler = gpu.startProfiler();
  const earlier = (await profiler.dispatches()).length;
  const result = work();
  const dispatches = (await profiler.dispatches()).slice(earlier);
  if (!profiling) gpu.stopProfiler();
  return { result, dispatches, clock: profiler.clock };
}

/** Runs a call once; returns what its dispatches say of themselves. */
export async function profiled(gpu: Gpu, call: () => unknown): Promise<Profile> {
  const profiler = gpu.startProfiler();
  gpu.scope(() => void call());
  const profile = await profiler.report();
  gpu.stopProfiler();
  await profiler.close();
  return profile;
}

/**
 * Times calls in turn, again and again, so that a busy moment of the machine meets them all. Each must have been called before, as the first
 * call has pipelines to compile and buffers to make. Returns the samples of each, in milliseconds of one call: `runs` of them, fewer of what is slow.
 */
export async function timeInTurns(gpu: Gpu, calls: readonly (() => unknown)[], runs: number): Promise<number[][]> {
  const contenders: { call: () => unknown; repetitions: number; runs: number; samples: number[] }[] = [];
  for (const call of calls) {
    const first = await timeCall(gpu, call, 1);
    const repetitions = Math.max(1, Math.ceil(SAMPLE_MS / first));
    const own = Math.max(1, Math.min(runs, Math.floor(BUDGET_MS / (first * repetitions))));
    contenders.push({ call, repetitions, runs: own, samples: own === 1 && repetitions === 1 ? [first] : [] });
  }
  for (let run = 0; run < runs; run++) {
    for (const { call, repetitions, runs: own, samples } of contenders) {
      if (samples.length < own) samples.push(await timeCall(gpu, call, repetitions));
    }
  }
  return contenders.map(({ samples }) => samples);
}
