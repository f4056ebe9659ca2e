import { expect, it } from 'vitest';
import { ORACLES } from '../../src/inspect/conformance/cases/oracles.ts';
import { flopsOfPeak, peakFlops } from '../../src/kernels/ladder.ts';
import { profiled } from '../../src/runtime/timing.ts';
import { useGpu } from '../gpu.ts';
import { checkFamily } from './check_family.ts';

const held = useGpu();

checkFamily(ORACLES, held);

it('a profile of the peak counts its multiply-adds', async () => {
  const { gpu } = held;
  const work = { invocations: 300, turns: 100 };
  const { CHAINS, UNROLLED } = gpu.shader('peak_flops').constants;
  expect(flopsOfPeak(gpu, work)).toBe(2 * 4 * CHAINS * UNROLLED * work.turns * work.invocations);
  const { kernels } = await profiled(gpu, () => peakFlops(gpu, work));
  const { gflops = 0, ms = 0 } = kernels.find(({ kernel }) => kernel === 'peak_flops') ?? {};
  expect(gflops * ms * 1e6).toBeCloseTo(flopsOfPeak(gpu, work), 0);
});
