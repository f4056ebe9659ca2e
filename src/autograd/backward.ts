import { cast, type Precision } from '../kernels/cast.ts';
import { add, addInPlace, fill } from '../kernels/elementwise.ts';
import { addEach } from '../kernels/packing.ts';
import { ShapeError } from '../runtime/errors.ts';
import type { DeviceArray } from '../runtime/gpu.ts';
import { ancestors, announceRule, spend } from './tape.ts';
import type { Tensor } from './tensor.ts';

type Gradient = DeviceArray<'f32'>;

/** A gradient stored as its tensor is. */
function storedAs(grad: Gradient, { buffer: { storage } }: Tensor): Gradient {
  return grad.storage === storage ? grad : cast(grad, storage as Precision);
}

/** Gradients of tensors while the walk goes on. The map owns them. */
class Gradients {
  #arrays = new Map<Tensor, Gradient>();

  add(tensor: Tensor, grad: Gradient): void {
    const sum = this.#arrays.get(tensor);
    if (sum === undefined) {
      this.#arrays.set(tensor, grad.retain());
    } else if (sum.isUnshared) {
      addInPlace(sum, grad);
    } else {
      this.#arrays.set(tensor, add(sum, grad).retain());
      sum.release();
    }
  }

  /** Hands the gradient over: the caller owns it. */
  take(tensor: Tensor): Gradient | undefined {
    const grad = this.#arrays.get(tensor);
    this.#arrays.delete(tensor);
    return grad;
  }

  /** Hands all over that are left: the caller owns them. */
  takeAll(): Map<Tensor, Gradient> {
    const all = this.#arrays;
    this.#arrays = new Map();
    return all;
  }

  release(): void {
    for (const grad of this.#arrays.values()) grad.release();
    this.#arrays.clear();
  }
}

/** Takes complete gradients over: adds them, in few dispatches, to those that leaves have from passes before. */
function accumulate(gradients: ReadonlyMap<Tensor, Gradient>): void {
  const sums: Gradient[] = [];
  const added: Gradient[] = [];
  for (const [leaf, grad] of gradients) {
    if (leaf.grad) {
      sums.push(leaf.grad.buffer);
      added.push(grad);
    } else leaf.takeGrad(grad);
  }
  addEach(sums, added);
  for (const grad of added) grad.release();
}

/** See `Tensor.backward`. */
export function runBackward(root: Tensor, gradient?: Tensor): void {
  const { gpu } = root;
  const nodes = [...ancestors([root])].sort((a, b) => b.order - a.order);
  if (nodes.some((node) => node.spent)) {
    throw new Error('backward: this graph was walked before and its memory is freed; compute the loss again first.');
  }
  const gradients = new Gradients();
  try {
    gpu.scope(() => gradients.add(root, gradient?.buffer ?? fill(gpu, 1, 1)));
    for (const node of nodes) {
      const dy = gradients.take(node.output);
      if (dy !== undefined) {
        announceRule(node);
        gpu.scope(() => {
          node.output.announceGradient(dy);
          const needs = node.inputs.map((input) => input.requiresGrad);
          const grads = node.backward(dy, needs);
          // Held while it is handed out, so that no leaf takes for its own what another input gets too.
          const repeated = grads.filter((grad, i) => grad !== undefined && grads.indexOf(grad) < i) as Gradient[];
          for (const grad of repeated) grad.retain();
          node.inputs.forEach((input, i) => {
            const grad = grads[i];
            if (!needs[i]) return;
            if (grad === undefined) throw new Error(`${node.name}: its backward rule gave no gradient for input ${i}.`);
            if (grad.length !== input.size) {
              throw new ShapeError(
                `${node.name}: its backward rule gave ${grad.length} elements for an input of shape [${input.shape}].`,
              );
            }
            gradients.add(input, storedAs(grad, input));
          });
          for (const grad of repeated) grad.release();
        });
        dy.release();
      }
      spend(node);
    }
    announceRule(undefined);
    const leaves = gradients.takeAll();
    accumulate(leaves);
    for (const leaf of leaves.keys()) leaf.announceGradient((leaf.grad as Tensor).buffer);
  } finally {
    gradients.release();
  }
}
