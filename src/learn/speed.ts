import type { DeviceArray, Gpu } from '../runtime/gpu.ts';
import { RUNGS } from '../runtime/rungs.ts';
import { type Exercise, type ExerciseCase, type SpeedCase, sizeOf } from './exercise.ts';

/** How long one of the engine's kernels takes for the same. */
export interface HouseSpeed {
  /** Rung, or name of the shader. */
  name: string;
  ms: number;
}

/** Time of a kernel beside the engine's own. */
export interface Speed {
  /** Sizes in words. */
  title: string;
  ms: number;
  gflops?: number;
  /** Of the arrays, each read or written once. */
  gbps: number;
  house: HouseSpeed[];
}

/** Milliseconds that a measurement should take at least, so that the clock does not matter. */
const LEAST_MS = 40;
/** Measurements of which the shortest counts: whatever else the machine does only adds. */
const TURNS = 5;

type Arrays = Record<string, DeviceArray<'f32'>>;

function upload(gpu: Gpu, { arrays }: ExerciseCase): Arrays {
  const uploaded: Record<string, DeviceArray> = {};
  for (const [name, { shape, data }] of Object.entries(arrays)) {
    uploaded[name] = data ? gpu.upload(data, name) : gpu.alloc(sizeOf(shape), 'f32', name);
  }
  return uploaded as Arrays;
}

function dispatchOf(
  gpu: Gpu,
  shader: string,
  { params, constants, workgroups, invocations }: ExerciseCase,
  arrays: Arrays,
): void {
  const bound = Object.fromEntries(
    Object.entries(arrays).map(([name, array]) => [name, [array, array.length] as const]),
  );
  gpu.dispatch(shader, { operation: 'exercise', arrays: bound, params, constants, workgroups, invocations });
}

/** Milliseconds of one run, waited for. */
async function time(gpu: Gpu, run: () => void, repeats: number): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < repeats; i++) gpu.scope(run);
  await gpu.submittedWorkDone();
  return (performance.now() - start) / repeats;
}

/** Runs each once, so that it is compiled, and then all in turn; the shortest time of each. */
async function timeAll(gpu: Gpu, runs: readonly (() => void)[]): Promise<number[]> {
  const repeats: number[] = [];
  for (const run of runs) {
    await time(gpu, run, 1);
    repeats.push(Math.ceil(LEAST_MS / Math.max(0.1, await time(gpu, run, 1))));
  }
  const best = runs.map(() => Number.POSITIVE_INFINITY);
  for (let turn = 0; turn < TURNS; turn++) {
    for (const [i, run] of runs.entries()) best[i] = Math.min(best[i], await time(gpu, run, repeats[i]));
  }
  return best;
}

/** The engine's kernels for a case: one, or one for each rung that the adapter has. */
function houseRuns(
  gpu: Gpu,
  { shader }: Exercise,
  speed: SpeedCase,
  arrays: Arrays,
): { name: string; run: () => void }[] {
  const { house } = speed;
  if (house === undefined) return [{ name: `${shader}.wgsl`, run: () => dispatchOf(gpu, shader, speed.case, arrays) }];
  const rungs = RUNGS.filter(
    (rung) => rung !== 'winograd' && (rung !== 'subgroup' || gpu.adapter.subgroupSizes[1] > 0),
  );
  return rungs.map((rung) => ({
    name: rung,
    run: () => {
      gpu.forcedRung = rung;
      house(arrays);
    },
  }));
}

/** Times a shader that was added as `own` beside what the engine has for the same. */
export async function measureSpeed(gpu: Gpu, exercise: Exercise, own: string): Promise<Speed> {
  const speed = exercise.speed(gpu);
  const { forcedRung } = gpu;
  try {
    return await gpu.scope(async () => {
      const arrays = upload(gpu, speed.case);
      const house = houseRuns(gpu, exercise, speed, arrays);
      const [ms, ...others] = await timeAll(gpu, [
        () => dispatchOf(gpu, own, speed.case, arrays),
        ...house.map(({ run }) => run),
      ]);
      const bytes = Object.values(arrays).reduce((sum, array) => sum + 4 * array.length, 0);
      return {
        ...{ title: speed.case.title, ms, gbps: bytes / ms / 1e6 },
        ...(speed.flops && { gflops: speed.flops / ms / 1e6 }),
        house: house.map(({ name }, i) => ({ name, ms: others[i] })),
      };
    });
  } finally {
    gpu.forcedRung = forcedRung;
  }
}
