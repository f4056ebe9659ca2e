import { formatProfile } from '../src/lab/run/profile_files.ts';
import { percent } from '../src/lab/terminal/text_table.ts';
import type { Gpu } from '../src/runtime/gpu.ts';
import type { Profile } from '../src/runtime/profiler.ts';
import { profiled } from '../src/runtime/timing.ts';
import type { Benchmark } from './benchmark.ts';

/** Profiles one call of a benchmark by the kernels' own choice of rungs, after one that compiles and one that fills the caches. */
export async function profileOnce(gpu: Gpu, benchmark: Benchmark): Promise<Profile> {
  return gpu.scope(async () => {
    const call = benchmark.prepare(gpu);
    gpu.scope(call);
    gpu.scope(call);
    await gpu.finish();
    return profiled(gpu, call);
  });
}

/** The profile as a table, and the share of the convolutions in it, transposed weights and sums of slices not counted. */
export function describeProfile({ name, shape }: Benchmark, profile: Profile): string {
  const share = profile.kernels
    .filter(
      ({ kernel, operation }) => kernel.includes('conv2d') || (kernel.includes('matmul') && /^conv2d/.test(operation)),
    )
    .reduce((sum, kernel) => sum + kernel.share, 0);
  return `${name}, ${shape}\n${formatProfile(profile)}\nIn convolution kernels: ${percent(share)}`;
}
