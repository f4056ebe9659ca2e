import type { Gpu } from '../src/runtime/gpu.ts';
import type { Profile } from '../src/runtime/profiler.ts';
import type { Rung } from '../src/runtime/rungs.ts';
import type { Benchmark, Row } from './benchmark.ts';

/** Calls shorter than this are repeated until they take as long, so that waiting for the device does not weigh. */
const SAMPLE_MS = 30;
/** A rung that would take longer than this for all its runs is given fewer, at least one. */
const BUDGET_MS = 4000;

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** One version of a benchmark, warmed up. */
interface Contender {
  rung: Rung | 'auto';
  repetitions: number;
  runs: number;
  flops: number;
  bytes: number;
  samples: number[];
}

/** Milliseconds of one call, with the device's work done, as a mean over `repetitions`. */
async function sample(gpu: Gpu, call: () => void, repetitions: number): Promise<number> {
  await gpu.finish();
  const start = performance.now();
  for (let i = 0; i < repetitions; i++) gpu.scope(call);
  await gpu.finish();
  return (performance.now() - start) / repetitions;
}

/** Runs a call once; returns what its dispatches say of themselves. */
export async function profiled(gpu: Gpu, call: () => void): Promise<Profile> {
  const profiler = gpu.startProfiler();
  gpu.scope(call);
  const profile = await profiler.report();
  gpu.stopProfiler();
  await profiler.close();
  return profile;
}

/** Whether a forced rung was taken, rather than another where it cannot run: its shaders bear its name. */
function took(profile: Profile, rung: Rung | 'auto'): boolean {
  return rung === 'auto' || profile.kernels.some(({ kernel }) => kernel.includes(rung));
}

/** Work in the dispatches of one call. */
function work({ kernels }: Profile): { flops: number; bytes: number } {
  let [flops, bytes] = [0, 0];
  for (const { ms, gflops = 0, gbps } of kernels) {
    flops += gflops * ms * 1e6;
    bytes += gbps * ms * 1e6;
  }
  return { flops, bytes };
}

/** Times all rungs of a benchmark in turn, again and again, so that a busy moment of the machine meets them all. */
export async function measure(gpu: Gpu, benchmark: Benchmark, runs: number): Promise<Row[]> {
  const { name, shape } = benchmark;
  return gpu.scope(async () => {
    const call = benchmark.prepare(gpu);
    const contenders: Contender[] = [];
    const take = async (contender: Pick<Contender, 'rung' | 'repetitions'>) => {
      gpu.forcedRung = contender.rung === 'auto' ? undefined : contender.rung;
      return sample(gpu, call, contender.repetitions);
    };
    for (const rung of benchmark.rungs) {
      gpu.forcedRung = rung === 'auto' ? undefined : rung;
      // The first call has pipelines to compile and buffers to make.
      const profile = await profiled(gpu, call);
      if (!took(profile, rung)) continue;
      const first = await take({ rung, repetitions: 1 });
      const repetitions = Math.max(1, Math.ceil(SAMPLE_MS / first));
      const own = Math.max(1, Math.min(runs, Math.floor(BUDGET_MS / (first * repetitions))));
      const { flops, bytes } = { ...work(profile), ...benchmark };
      const samples = own === 1 && repetitions === 1 ? [first] : [];
      contenders.push({ rung, repetitions, runs: own, flops, bytes, samples });
    }
    for (let run = 0; run < runs; run++) {
      for (const contender of contenders) {
        if (contender.samples.length < contender.runs) contender.samples.push(await take(contender));
      }
    }
    gpu.forcedRung = undefined;
    const naive = contenders.find(({ rung }) => rung === 'naive');
    return contenders.map(({ rung, flops, bytes, samples }) => {
      const ms = median(samples);
      return {
        ...{ name, shape, rung, ms },
        gflops: flops > 0 ? flops / ms / 1e6 : null,
        gbps: bytes > 0 ? bytes / ms / 1e6 : null,
        vsNaive: naive ? median(naive.samples) / ms : null,
      };
    });
  });
}
