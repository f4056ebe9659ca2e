import { ShaderError } from '../runtime/errors.ts';
import type { Gpu } from '../runtime/gpu.ts';
import { parseShader } from '../runtime/shader.ts';
import { HALF_ULP } from './bounded_sum.ts';
import { type Exercise, type ExerciseCase, nameOf, sizeOf } from './exercise.ts';
import { interfaceFault } from './interface.ts';
import { type ArrayAfter, runOnCpu, runOnGpu, workgroupSize, workgroupsOf } from './run_case.ts';
import type { Step } from './stepper.ts';

/** An element that the invocation wrote, as the stepper has it and as the GPU has it. */
export interface WrittenElement {
  /** `c[m, n] = c[0, 2]` */
  name: string;
  stepped: number;
  gpu: number;
  /** Alike but for the rounding of float32. */
  equal: boolean;
}

/** One invocation, statement by statement. */
export interface Walk {
  /** The small case it was run on. */
  title: string;
  steps: Step[];
  written: WrittenElement[];
}

/**
 * Walks one invocation of a kernel on the exercise's small case, and runs the case on the GPU to compare what it wrote. invocation: its
 * global_invocation_id. Throws ShaderError where the kernel does not compile, RangeError where the case has no such invocation or the exercise
 * has no case that can be walked, StepperError where the stepper cannot run the kernel or it does not end.
 */
export async function walkInvocation(
  gpu: Gpu,
  exercise: Exercise,
  wgsl: string,
  invocation: readonly [number, number, number],
  { shaders, file = `${exercise.name}.wgsl` }: { shaders: (name: string) => string; file?: string },
): Promise<Walk> {
  const run = exercise.small?.();
  if (run === undefined)
    throw new RangeError(`The exercise '${exercise.name}' cannot be walked: the stepper knows no subgroups.`);
  const name = `walked_${exercise.name.replaceAll('-', '_')}`;
  const shader = await gpu.addShader(name, wgsl, { file, replace: true });
  const house = shaders(exercise.shader);
  const fault = interfaceFault(parseShader(exercise.shader, house), house, shader, wgsl);
  if (fault !== undefined) throw new ShaderError(`${file}: ${fault}`);
  const { workgroup } = shader;
  const groups = workgroupsOf(run, workgroupSize(shader));
  const grid = groups.map((count, d) => count * Number(workgroup[d] ?? 1));
  if (invocation.some((at, d) => at >= grid[d])) {
    throw new RangeError(
      `The case has ${grid.join(' × ')} invocations, counted from 0: there is no invocation ${invocation.join(',')}.`,
    );
  }
  const { steps, after, endlessAt } = runOnCpu(wgsl, shader, run, invocation);
  // The steps up to there are worth seeing; the device must not run it.
  if (endlessAt !== undefined)
    return { title: `${run.title}; a loop does not end`, steps: steps.slice(0, 200), written: [] };
  return { title: run.title, steps, written: writtenBy(steps, run, after, await runOnGpu(gpu, name, run)) };
}

function writtenBy(
  steps: readonly Step[],
  run: ExerciseCase,
  stepped: Record<string, ArrayAfter>,
  onGpu: Record<string, ArrayAfter>,
): WrittenElement[] {
  const written: WrittenElement[] = [];
  const places = new Set<string>();
  for (const { array, element, words, kind } of steps.flatMap(({ accesses }) => accesses)) {
    const declared = run.arrays[array];
    if (kind !== 'write' || declared === undefined || places.has(`${array} ${element}`)) continue;
    places.add(`${array} ${element}`);
    for (let i = element * words; i < Math.min((element + 1) * words, sizeOf(declared.shape)); i++) {
      const [a, b] = [stepped[array].values[i], onGpu[array].values[i]];
      const rounding = Math.max(64 * HALF_ULP * Math.max(Math.abs(a), Math.abs(b)), declared.expected?.allowed[i] ?? 0);
      written.push({
        name: nameOf(array, declared, i),
        stepped: a,
        gpu: b,
        equal: Object.is(a, b) || Math.abs(a - b) <= rounding,
      });
    }
  }
  return written;
}
