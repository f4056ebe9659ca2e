import type { Gpu } from '../runtime/gpu.ts';
import { forEachInside, type Scope } from '../runtime/scope.ts';
import { type TapeNode, Tensor } from './tensor.ts';

let recording = true;
let watcher: ((node: TapeNode) => void) | undefined;
let backwardWatcher: ((node: TapeNode | undefined) => void) | undefined;
// Not a WeakMap: the quick passes of the garbage collector hold what is in one for alive, and would move each step's tape to where only the slow ones look.
const recordedIn = new Map<Scope, TapeNode[]>();
const watched = new WeakSet<Gpu>();

/** Whether operations are being recorded. */
export function isGradEnabled(): boolean {
  return recording;
}

/**
 * Runs a function without recording: nothing in it takes part in a gradient. The function must be synchronous, as most are: the device computes
 * later anyway, and only reading a result takes an `await`, which can stand outside. Recording off over an `await` would be off for all that runs
 * meanwhile, on other devices too.
 *
 * @throws TypeError where the function returned a promise.
 */
export function noGrad<R>(work: () => R extends PromiseLike<unknown> ? never : R): R {
  const before = recording;
  recording = false;
  try {
    const result = work();
    if (result instanceof Promise) {
      throw new TypeError('noGrad: the function returned a promise; call noGrad round each part that does not wait.');
    }
    return result;
  } finally {
    recording = before;
  }
}

/** Gives back what a node saved. */
export function spend(node: TapeNode): void {
  if (node.spent) return;
  node.spent = true;
  for (const array of node.saved) array.release();
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

/** Runs a synchronous function and shows `see` each operation that is written onto the tape meanwhile. */
export function watchTape<R>(see: (node: TapeNode) => void, work: () => R): R {
  const before = watcher;
  watcher = see;
  try {
    return work();
  } finally {
    watcher = before;
  }
}

/**
 * Runs a synchronous function and shows `see` each operation whose backward rule is about to be run meanwhile; undefined when all rules of a pass have
 * been run, and the leaves take their gradients.
 */
export function watchBackward<R>(see: (node: TapeNode | undefined) => void, work: () => R): R {
  const before = backwardWatcher;
  backwardWatcher = see;
  try {
    return work();
  } finally {
    backwardWatcher = before;
  }
}

/** Tells who watches that a node's rule is next; undefined: that there is none left. Called by the backward pass. */
export function announceRule(node: TapeNode | undefined): void {
  backwardWatcher?.(node);
}

/** Puts a node of the current scope onto the tape. */
export function note(gpu: Gpu, node: TapeNode): void {
  watcher?.(node);
  const scope = gpu.currentScope;
  if (scope === undefined) return;
  watch(gpu);
  const nodes = recordedIn.get(scope);
  if (nodes) nodes.push(node);
  else recordedIn.set(scope, [node]);
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
