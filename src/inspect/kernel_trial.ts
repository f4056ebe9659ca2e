import type { Module } from '../nn/module.ts';
import type { Optimizer } from '../nn/optimizers/optimizer.ts';
import { ShaderError } from '../runtime/errors.ts';
import type { DeviceArray, Dispatch, Gpu, HostArray } from '../runtime/gpu.ts';
import type { ShaderInterface } from '../runtime/shader.ts';
import { timedDispatches } from '../runtime/timing.ts';
import { KeptState } from '../train/kept_state.ts';
import type { Step } from './step_watcher.ts';

/** A kernel that is to be tried in the place of one of a step's. */
export interface TrialOptions {
  gpu: Gpu;
  model: Module;
  optimizer: Optimizer;
  /** The step that runs the kernel; it is done twice from the same state, which is put back afterwards. */
  step: Step;
  /** Name of the shader whose place it would take. */
  shader: string;
  /** The text of the other one. */
  wgsl: string;
  /** Largest difference allowed, relative to the largest element. Default 1e-4: sums in another order round otherwise. */
  tolerance?: number;
}

/** An array that the kernel writes, as the original left it and as the other did, in one of its calls. */
export interface TriedArray {
  /** The operation that it was called for, and the name of the binding. */
  operation: string;
  binding: string;
  elements: number;
  /** Relative to the largest element of the original's. */
  largestDifference: number;
  /** How many elements differ by more than is allowed, and the first of them. */
  wrong: number;
  firstWrong?: { index: number; expected: number; found: number };
}

/** How a kernel did in the place of another. */
export interface KernelTrial {
  /** Whether all arrays agree, in every call that was compared. */
  right: boolean;
  /** Calls of the kernel in the step, and those of them that were compared. */
  calls: number;
  arrays: TriedArray[];
  /** Milliseconds on the device of the calls that were compared. */
  originalMs: number;
  trialMs: number;
}

/** Calls that are compared: enough to meet several shapes. */
const COMPARED = 8;
/** What the other kernel is called meanwhile. */
const TRIAL = 'kernel_trial';

interface Call {
  operation: string;
  /** By binding: what the original wrote, and what the other did. */
  written: Map<string, [original: DeviceArray, trial: DeviceArray]>;
}

/**
 * Runs a changed kernel beside the one of the engine's that it would replace, on the arrays of a real training step, and compares all that they write. The
 * training goes on with the original; `gpu.addShader(shader, wgsl, { replace: true })` takes the other one for good.
 *
 * @throws ShaderError where it does not compile, with its line and column, or binds something else than the original
 */
export async function tryKernel(options: TrialOptions): Promise<KernelTrial> {
  const { gpu, model, optimizer, step, shader, wgsl, tolerance = 1e-4 } = options;
  const [file, type] = [shader.split('<')[0], /<(.*)>/.exec(shader)?.[1] ?? 'f32'];
  const io = await gpu.addShader(TRIAL, wgsl, { file: `${file}.wgsl`, replace: true });
  checkInterface(file, gpu.shader(file), io);
  const trial = type === 'f32' ? TRIAL : `${TRIAL}<${type}>`;
  const state = new KeptState({ gpu, model, optimizer });
  const held: DeviceArray[] = [];
  try {
    state.keep();
    // Once for the kernels to be compiled.
    runBeside(gpu, shader, trial, step, held);
    await gpu.finish();
    state.restore();
    model.zeroGrad();
    const { result, dispatches } = await timedDispatches(gpu, () => runBeside(gpu, shader, trial, step, held));
    const { calls, count } = result;
    const msOf = (name: string) =>
      dispatches
        .filter(({ kernel }) => kernel === name)
        .slice(0, calls.length)
        .reduce((sum, { duration }) => sum + duration, 0);
    const arrays: TriedArray[] = [];
    for (const { operation, written } of calls) {
      for (const [binding, [original, other]] of written) {
        const [expected, found] = [await original.read(), await other.read()];
        arrays.push({ operation, binding, ...compare(expected, found, tolerance) });
      }
    }
    const right = arrays.length > 0 && arrays.every(({ wrong }) => wrong === 0);
    return { right, calls: count, arrays, originalMs: msOf(shader), trialMs: msOf(trial) };
  } finally {
    for (const array of held) array.release();
    state.restore();
    model.zeroGrad();
    state.release();
  }
}

/** Throws ShaderError where a shader cannot stand in another's place. */
function checkInterface(file: string, own: ShaderInterface, other: ShaderInterface): void {
  const told = ({ bindings, params }: ShaderInterface) => ({
    bindings: bindings.map(({ binding, access, name }) => `@binding(${binding}) ${access} ${name}`).join(', '),
    params: params.map(({ name, type }) => `${name}: ${type}`).join(', '),
  });
  const [before, after] = [told(own), told(other)];
  for (const part of ['bindings', 'params'] as const) {
    if (before[part] === after[part]) continue;
    throw new ShaderError(
      `${file}.wgsl must keep its ${part}: ${before[part] || 'none'}; it has ${after[part] || 'none'}.`,
    );
  }
}

/** Runs a step in which each of the first calls of a kernel is made by another one too, on copies of what it writes. */
function runBeside(gpu: Gpu, shader: string, trial: string, step: Step, held: DeviceArray[]) {
  const calls: Call[] = [];
  let count = 0;
  const writable = gpu.shader(shader).bindings.filter(({ access }) => access === 'read_write');
  const copyOf = (array: DeviceArray) => {
    const copy = gpu.unscoped(() => gpu.alloc(array.length, array.type, TRIAL));
    held.push(copy);
    gpu.copyRange(array, 0, copy, 0, array.length);
    return copy;
  };
  const dispatch = gpu.dispatch.bind(gpu);
  const beside = (name: string, call: Dispatch) => {
    if (name !== shader || ++count > COMPARED) return dispatch(name, call);
    const before = new Map(writable.map(({ name: binding }) => [binding, copyOf(call.arrays[binding][0])]));
    dispatch(name, call);
    const written: Call['written'] = new Map();
    const arrays = { ...call.arrays };
    for (const [binding, copy] of before) {
      arrays[binding] = [copy, call.arrays[binding][1]];
      written.set(binding, [copyOf(call.arrays[binding][0]), copy]);
    }
    dispatch(trial, { ...call, arrays });
    calls.push({ operation: call.operation ?? name, written });
  };
  // Hides the method of its class for the length of the step.
  Object.assign(gpu, { dispatch: beside });
  try {
    step(() => {});
  } finally {
    delete (gpu as { dispatch?: unknown }).dispatch;
  }
  return { calls, count };
}

function compare(expected: HostArray, found: HostArray, tolerance: number) {
  let largest = 0;
  for (const value of expected) if (Math.abs(value) > largest) largest = Math.abs(value);
  const allowed = tolerance * largest;
  let [most, wrong] = [0, 0];
  let firstWrong: TriedArray['firstWrong'];
  for (let index = 0; index < expected.length; index++) {
    const difference = Math.abs(found[index] - expected[index]);
    // NaN on both sides is alike.
    if (difference <= allowed || Object.is(found[index], expected[index])) most = Math.max(most, difference);
    else {
      most = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : Math.max(most, difference);
      wrong++;
      firstWrong ??= { index, expected: expected[index], found: found[index] };
    }
  }
  const largestDifference = largest > 0 ? most / largest : most;
  return { elements: expected.length, largestDifference, wrong, ...(firstWrong && { firstWrong }) };
}
