import type { Gpu } from '../src/runtime/gpu.ts';
import type { Profile } from '../src/runtime/profiler.ts';
import { type RungName, rungOf } from '../src/runtime/rungs.ts';
import { median, profiled, timeInTurns } from '../src/runtime/timing.ts';
import type { Benchmark, Row } from './benchmark.ts';

/** Whether a forced rung was taken, rather than another where it cannot run: its shaders bear its name. */
function took(profile: Profile, rung: RungName | 'auto'): boolean {
  return rung === 'auto' || profile.kernels.some(({ kernel }) => kernel.includes(rungOf(rung)));
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

/** Times all rungs of a benchmark in turn. */
export async function measure(gpu: Gpu, benchmark: Benchmark, runs: number): Promise<Row[]> {
  const { name, shape, prepare, rungs, ...stated } = benchmark;
  return gpu.scope(async () => {
    const call = prepare(gpu);
    const contenders: { rung: RungName | 'auto'; flops: number; bytes: number; call: () => void }[] = [];
    for (const rung of rungs) {
      const own = () => {
        gpu.forcedRung = rung === 'auto' ? undefined : rung;
        call();
      };
      const profile = await profiled(gpu, own);
      if (took(profile, rung)) contenders.push({ rung, call: own, ...work(profile), ...stated });
    }
    const times = await timeInTurns(
      gpu,
      contenders.map((contender) => contender.call),
      runs,
    );
    gpu.forcedRung = undefined;
    const medians = times.map(median);
    const naive = medians[contenders.findIndex(({ rung }) => rung === 'naive')];
    return contenders.map(({ rung, flops, bytes }, i) => {
      const ms = medians[i];
      return {
        ...{ name, shape, rung, ms },
        gflops: flops > 0 ? flops / ms / 1e6 : null,
        gbps: bytes > 0 ? bytes / ms / 1e6 : null,
        vsNaive: naive === undefined ? null : naive / ms,
      };
    });
  });
}
