import type { DeviceArray, Gpu, HostArray } from '../runtime/gpu.ts';
import { spreadRows } from '../runtime/grid.ts';
import type { ShaderInterface } from '../runtime/shader.ts';
import { type CaseArray, type ExerciseCase, sizeOf } from './exercise.ts';
import { runStepped, type StepperResult } from './stepper.ts';

/** What an output holds before: a NaN that no arithmetic makes. */
const UNWRITTEN = 0x7fc0dead;
/** What lies behind an array that is read, and behind one that is written: NaNs of their own, so that a copy of one to the other shows. */
const BEHIND_INPUT = 0x7fc0beef;
const BEHIND_OUTPUT = 0x7fc0cafe;
/** Elements behind each array. */
const MARGIN = 16;

/** Elements a kernel may touch: whole vec4s, as the engine's arrays have them. */
const roomOf = (length: number) => 4 * Math.ceil(length / 4);

/** The words of an array as a kernel is given it: its elements, a margin behind, and what is not set is `UNWRITTEN`. */
export function wordsOf({ shape, data, expected }: CaseArray): Uint32Array {
  const length = sizeOf(shape);
  const words = new Uint32Array(roomOf(length) + MARGIN).fill(UNWRITTEN);
  if (expected) words.fill(BEHIND_OUTPUT, roomOf(length));
  else words.fill(BEHIND_INPUT, length);
  if (data) {
    words.set(new Uint32Array(data.buffer, data.byteOffset, data.length));
    // Of a NaN in the data a kernel cannot tell who set it: one that must be overwritten says so.
    if (expected) {
      for (let i = 0; i < length; i++) if (Number.isNaN(data[i])) words[i] = UNWRITTEN;
    }
  }
  return words;
}

/** The elements of an array, and its margin. */
export interface ArrayAfter {
  words: Uint32Array;
  values: Float32Array;
  /** Index of the first element behind the array that was overwritten. */
  overwritten: number | undefined;
}

function afterOf({ shape, expected }: CaseArray, words: Uint32Array): ArrayAfter {
  const length = sizeOf(shape);
  const behind = expected ? BEHIND_OUTPUT : BEHIND_INPUT;
  const first = words.subarray(roomOf(length)).findIndex((word) => word !== behind);
  return {
    words: words.subarray(0, length),
    values: new Float32Array(words.buffer, words.byteOffset, length),
    overwritten: first < 0 ? undefined : roomOf(length) + first,
  };
}

/** Uploads the arrays of a case, dispatches a shader on them and reads them back. */
export async function runOnGpu(gpu: Gpu, shader: string, run: ExerciseCase): Promise<Record<string, ArrayAfter>> {
  return gpu.scope(async () => {
    const arrays: Record<string, readonly [DeviceArray<'u32'>, number]> = {};
    for (const name in run.arrays) {
      const words = wordsOf(run.arrays[name]);
      arrays[name] = [gpu.upload(words, name), words.length];
    }
    const { params, constants, workgroups, invocations } = run;
    gpu.dispatch(shader, { operation: 'exercise', arrays, params, constants, workgroups, invocations });
    const after: Record<string, ArrayAfter> = {};
    for (const name in arrays) after[name] = afterOf(run.arrays[name], await gpu.read(arrays[name][0]));
    return after;
  });
}

/** The workgroups of a case in each dimension. size: invocations of one. */
export function workgroupsOf({ workgroups, invocations = 0 }: ExerciseCase, size: number): [number, number, number] {
  if (workgroups) return [workgroups[0], workgroups[1] ?? 1, workgroups[2] ?? 1];
  const groups = Math.ceil(invocations / size);
  const rows = spreadRows(groups);
  return [Math.ceil(groups / rows), rows, 1];
}

/** Invocations of a workgroup, of a shader that states its size in numbers. */
export const workgroupSize = ({ workgroup }: ShaderInterface) =>
  workgroup.reduce<number>((product, size) => product * Number(size), 1);

/** Runs a case on the CPU. watch: the invocation whose steps are to be kept. Throws StepperError. */
export function runOnCpu(
  wgsl: string,
  shader: ShaderInterface,
  run: ExerciseCase,
  watch?: readonly [number, number, number],
): StepperResult & { after: Record<string, ArrayAfter> } {
  const words: Record<string, Uint32Array> = {};
  const arrays: Record<number, { data: HostArray; words: number }> = {};
  for (const { name, binding } of shader.bindings) {
    words[name] = wordsOf(run.arrays[name]);
    arrays[binding] = { data: words[name], words: roomOf(sizeOf(run.arrays[name].shape)) };
  }
  const params = new Uint32Array(Math.max(4, shader.params.length));
  const floats = new Float32Array(params.buffer);
  shader.params.forEach(({ name, type }, i) => {
    if (type === 'f32') floats[i] = run.params[name];
    else params[i] = run.params[name];
  });
  const workgroups = workgroupsOf(run, workgroupSize(shader));
  const result = runStepped(wgsl, { arrays, params, constants: run.constants ?? {}, workgroups }, watch);
  return {
    ...result,
    after: Object.fromEntries(Object.entries(words).map(([name, all]) => [name, afterOf(run.arrays[name], all)])),
  };
}
