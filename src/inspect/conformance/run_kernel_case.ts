import { watchRungs } from '../../runtime/choose_rung.ts';
import type { DeviceArray, Dispatch, Gpu, HostArray, Storage } from '../../runtime/gpu.ts';
import type { RungName, ShapeClass } from '../../runtime/rungs.ts';
import { float32Bound, HALF_ROUNDOFF } from './float32_bound.ts';
import type { Expected, KernelCase, Output } from './kernel_case.ts';

/** The worst element of a result. */
export interface WorstElement {
  index: number;
  found: number;
  expected: number;
}

/** One result of a kernel as it came out on a rung. */
export interface CheckedOutput {
  case: string;
  output: string;
  rung: RungName | undefined;
  /** Elements of the result. */
  elements: number;
  /** Largest error, in units of what float32 allows (see `float32Bound`): up to 1 is right. Infinite where bits must agree and do not, or for NaN. */
  error: number;
  worst: WorstElement | undefined;
  /** Whether a second run gave the same bits. */
  repeats: boolean;
  /** What went wrong besides, in words: an error thrown, words overwritten outside of the arrays. */
  problem?: string;
  /** Shaders that were dispatched for it, by file name. */
  shaders: string[];
  /** The rungs that were chosen, the one that dispatched last at the end. */
  choices: (readonly [ShapeClass, RungName])[];
  /** In half precision. */
  halves?: true;
}

/** Whether a result is right in every respect. */
export function isRight({ error, repeats, problem }: CheckedOutput): boolean {
  return error <= 1 && repeats && problem === undefined;
}

/** Smallest number that counts: below it float32 may flush to 0. */
const SMALLEST = 2 ** -126;

/** The largest error of a result, in units of the bound, and where it is. storage: how it was stored; in half precision it was rounded once more. */
export function errorOf(
  found: HostArray,
  expected: Expected,
  storage: Storage = 'f32',
): { error: number; worst: WorstElement | undefined } {
  const { values, magnitudes, terms = 1, roundings } = expected;
  if (found.length !== values.length) return { error: Number.POSITIVE_INFINITY, worst: undefined };
  const isExact = roundings === 'none';
  const bound = isExact ? 0 : float32Bound(terms, roundings);
  let scale = 0;
  if (!magnitudes && !isExact) for (let i = 0; i < values.length; i++) scale = Math.max(scale, Math.abs(values[i]));
  const isHalf = storage === 'f16';
  const { relative, absolute } = HALF_ROUNDOFF;
  let error = 0;
  let at = -1;
  for (let i = 0; i < values.length; i++) {
    const [a, b] = [found[i], values[i]];
    let own: number;
    if (isExact) own = a === b || (Number.isNaN(a) && Number.isNaN(b)) ? 0 : Number.POSITIVE_INFINITY;
    else {
      const rounding = isHalf ? relative * Math.abs(b) + absolute : 0;
      own = Math.abs(a - b) / (bound * (magnitudes ? magnitudes[i] : scale) + rounding + SMALLEST);
      if (Number.isNaN(own)) own = Number.POSITIVE_INFINITY;
    }
    if (own > error) [error, at] = [own, i];
  }
  return { error, worst: at < 0 ? undefined : { index: at, found: found[at], expected: values[at] } };
}

/** Runs a function and notes which shaders it dispatches and which rungs it chooses. */
function watched<R>(gpu: Gpu, work: () => R): { result: R } & Pick<CheckedOutput, 'shaders' | 'choices'> {
  const shaders = new Set<string>();
  const choices: CheckedOutput['choices'] = [];
  const dispatch = gpu.dispatch.bind(gpu);
  const noting = (shader: string, call: Dispatch) => {
    shaders.add(shader.split('<')[0]);
    dispatch(shader, call);
  };
  const own = Object.getOwnPropertyDescriptor(gpu, 'dispatch');
  Object.defineProperty(gpu, 'dispatch', { value: noting, configurable: true, writable: true });
  try {
    const result = watchRungs((shapeClass, rung) => choices.push([shapeClass, rung]), work);
    return { result, shaders: [...shaders], choices };
  } finally {
    // Hid the method of its class, or what hid it before.
    if (own) Object.defineProperty(gpu, 'dispatch', own);
    else delete (gpu as { dispatch?: unknown }).dispatch;
  }
}

const sameBits = (a: HostArray, b: HostArray) => {
  const [x, y] = [a, b].map(({ buffer, byteOffset, length }) => new Uint32Array(buffer, byteOffset, length));
  return x.every((word, i) => word === y[i]);
};

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** Runs some results of a case on the rung that is forced, each twice. */
async function checkOutputs(gpu: Gpu, name: string, outputs: readonly Output[]): Promise<CheckedOutput[]> {
  const started = outputs.map((output) => {
    const rest = { case: name, output: output.name, rung: gpu.forcedRung, elements: output.values.length };
    try {
      const { result, shaders, choices } = watched(gpu, () => output.run());
      return { output, arrays: [result, output.run()] as DeviceArray[], rest: { ...rest, shaders, choices } };
    } catch (error) {
      const failed = { shaders: [], choices: [], problem: messageOf(error) };
      return { output, arrays: undefined, rest: { ...rest, ...failed } };
    }
  });
  const checked: CheckedOutput[] = [];
  for (const { output, arrays, rest } of started) {
    if (arrays === undefined) {
      checked.push({ ...rest, error: Number.POSITIVE_INFINITY, worst: undefined, repeats: true });
      continue;
    }
    try {
      const [first, second] = await Promise.all(arrays.map((array) => array.read()));
      checked.push({ ...rest, ...errorOf(first, output, arrays[0].storage), repeats: sameBits(first, second) });
    } catch (error) {
      const lost = { error: Number.POSITIVE_INFINITY, worst: undefined, repeats: true, problem: messageOf(error) };
      checked.push({ ...rest, ...lost });
    }
  }
  return checked;
}

/** What the fences say, in words; undefined where nothing was overwritten. Throws where the device itself is lost. */
async function overwritten(gpu: Gpu): Promise<string | undefined> {
  try {
    await gpu.finish();
    return undefined;
  } catch (error) {
    // What fences find is said once; what is wrong with the device is said again.
    await gpu.finish();
    return messageOf(error);
  }
}

/**
 * Runs a kernel's case on each of these rungs (undefined: the one that the engine takes) and compares each result with float64, bit by bit with a second
 * run, and, on a device with fences, the words around all arrays. Throws DeviceError where the device is lost.
 */
export async function runKernelCase(
  gpu: Gpu,
  { name, prepare }: KernelCase,
  rungs: readonly (RungName | undefined)[],
): Promise<CheckedOutput[]> {
  const make = prepare();
  const checked: CheckedOutput[] = [];
  const { forcedRung, generator } = gpu;
  try {
    for (const rung of rungs) {
      gpu.forcedRung = rung;
      const found = await gpu.scope(() => checkOutputs(gpu, name, make(gpu)));
      if ((await overwritten(gpu)) !== undefined) await findOverwriting(gpu, name, make, found);
      checked.push(...found);
    }
  } finally {
    gpu.forcedRung = forcedRung;
    gpu.generator = generator;
  }
  return checked;
}

/** Runs the results one by one, to say of which the fences complain. */
async function findOverwriting(gpu: Gpu, name: string, make: (gpu: Gpu) => Output[], found: CheckedOutput[]) {
  for (const [i, one] of found.entries()) {
    await gpu.scope(() => checkOutputs(gpu, name, make(gpu).slice(i, i + 1)));
    const problem = await overwritten(gpu);
    if (problem !== undefined) one.problem ??= problem;
  }
}
