import type { DeviceArray } from '../kernels/device_array.ts';
import type { Gpu } from '../kernels/gpu.ts';
import { forEachInside, type Scope } from '../kernels/scope.ts';
import { type Shape, Tensor } from './tensor.ts';

/**
 * The rule of an operation: from the gradient of the output to those of the inputs, in their order; `undefined` where `needs` says that nobody asks.
 * Results have the inputs' shapes. `dy` itself may be returned, and must not be written to.
 */
export type BackwardRule = (
  dy: DeviceArray<'f32'>,
  needs: readonly boolean[],
) => readonly (DeviceArray<'f32'> | undefined)[];

/** One recorded operation. */
export interface TapeNode {
  name: string;
  /** Position on the tape: an operation's inputs have smaller ones. */
  order: number;
  inputs: readonly Tensor<'f32'>[];
  output: Tensor;
  /** What the rule reads; owned by the tape until the backward pass has gone by. */
  saved: readonly DeviceArray[];
  backward: BackwardRule;
  /** True once its saved arrays were given back. */
  spent: boolean;
}

let recording = true;
let order = 0;
// Not a WeakMap: the quick passes of the garbage collector hold what is in one for alive, and would move each step's tape to where only the slow ones look.
const recordedIn = new Map<Scope, TapeNode[]>();
const watched = new WeakSet<Gpu>();

/** Whether operations are being recorded. */
export function isGradEnabled(): boolean {
  return recording;
}

/** Runs a function without recording: nothing in it takes part in a gradient. The function may be asynchronous if it is awaited. */
export function noGrad<R>(work: () => R): R {
  const before = recording;
  recording = false;
  const restore = () => {
    recording = before;
  };
  let result: R;
  try {
    result = work();
  } catch (error) {
    restore();
    throw error;
  }
  if (result instanceof Promise) return result.finally(restore) as R;
  restore();
  return result;
}

/** Gives back what a node saved. */
export function spend(node: TapeNode): void {
  if (node.spent) return;
  node.spent = true;
  for (const array of node.saved) array.release();
}

/** What an operation states about itself; see `record`. */
export interface Recorded {
  inputs: readonly Tensor[];
  output: DeviceArray<'f32'>;
  shape: Shape;
  /** Arrays that `backward` reads, the output included if it does. Any other would be gone by then. */
  saved?: readonly DeviceArray[];
  backward: BackwardRule;
}

/** Makes the output tensor of an operation and, where an input requires a gradient, writes the operation onto the tape. */
export function record(name: string, { inputs, output, shape, saved = [], backward }: Recorded): Tensor {
  const result = new Tensor(output, shape);
  if (!recording || !inputs.some((input) => input.requiresGrad)) return result;
  result.requiresGrad = true;
  for (const array of saved) array.retain();
  const node: TapeNode = { name, order: order++, inputs, output: result, saved, backward, spent: false };
  result.node = node;
  const { gpu } = output;
  const scope = gpu.currentScope;
  if (scope) {
    watch(gpu);
    const nodes = recordedIn.get(scope);
    if (nodes) nodes.push(node);
    else recordedIn.set(scope, [node]);
  }
  return result;
}

/** All nodes that tensors depend on, their own included, as far back as a place on the tape. */
export function ancestors(roots: readonly Tensor<'f32'>[], since = 0): Set<TapeNode> {
  const found = new Set<TapeNode>();
  const waiting: TapeNode[] = [];
  for (const { node } of roots) if (node) waiting.push(node);
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (node.order < since || found.has(node)) continue;
    found.add(node);
    for (const input of node.inputs) if (input.node) waiting.push(input.node);
  }
  return found;
}

/** When a scope ends, what was recorded in it stays on the tape only if a returned tensor depends on it. */
function watch(gpu: Gpu): void {
  if (watched.has(gpu)) return;
  watched.add(gpu);
  gpu.scopeListeners.push((scope, result) => {
    const nodes = recordedIn.get(scope);
    if (nodes === undefined) return;
    recordedIn.delete(scope);
    const returned: Tensor<'f32'>[] = [];
    forEachInside(result, (value) => {
      if (value instanceof Tensor) returned.push(value);
    });
    const needed = ancestors(returned, nodes[0].order);
    const kept = nodes.filter((node) => !node.spent && needed.has(node));
    for (const node of nodes) if (!needed.has(node)) spend(node);
    if (scope.parent === undefined) {
      // No scope is left to see to it that they are given back.
      for (const node of kept) for (const array of node.saved) gpu.watch(array);
    } else if (kept.length > 0) {
      const outer = recordedIn.get(scope.parent);
      if (outer) outer.push(...kept);
      else recordedIn.set(scope.parent, kept);
    }
  });
}
