import { watchTape } from '../autograd/tape.ts';
import { type TapeNode, Tensor } from '../autograd/tensor.ts';
import type { Module } from './module.ts';

/** An operation that a forward pass did. */
export interface TracedOperation {
  /** Dotted name of the innermost module that did it; '' for the model itself. */
  module: string;
  /** As it stands on the tape: 'conv2d'. */
  name: string;
  inputs: readonly Tensor[];
  output: Tensor;
  /** See `TapeNode`. */
  settings: object | undefined;
}

/** A forward pass as a list: the operations that depend on the input or on a parameter, in the order in which they were done. */
export interface Trace {
  operations: TracedOperation[];
  input: Tensor;
  output: Tensor;
}

/**
 * Runs a model once in evaluation mode and lists what it did. Its mode is left as it was, and so are its running statistics. Call it in a scope: the
 * tensors in the list live as long as that. What a forward pass does with numbers of the host, or inside noGrad(), is not in the list.
 */
export function traceForward(model: Module, x: Tensor): Trace {
  // A leaf that requires a gradient, so that operations on it are written down even where nothing learns.
  const input = new Tensor(x.buffer, x.shape);
  input.requiresGrad = true;
  const operations: TracedOperation[] = [];
  let waiting: TapeNode[] = [];
  const modules = model.namedModules();
  const modes = modules.map(([, module]) => module.training);
  const removers = modules.map(([name, module]) =>
    module.registerForwardHook(() => {
      // Those of the modules inside were taken when these had ended.
      for (const node of waiting) operations.push({ ...node, module: name });
      waiting = [];
    }),
  );
  try {
    model.eval();
    const output = watchTape(
      (node) => {
        waiting.push(node);
      },
      () => model.call(input),
    );
    return { operations, input, output };
  } finally {
    for (const remove of removers) remove();
    for (const [i, [, module]] of modules.entries()) module.training = modes[i];
  }
}
