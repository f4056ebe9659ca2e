import type { DeviceArray } from '../kernels/device_array.ts';
import { add, addInPlace, fill } from '../kernels/elementwise.ts';
import { ShapeError } from '../kernels/errors.ts';
import { ancestors, spend } from './tape.ts';
import type { Tensor } from './tensor.ts';

type Gradient = DeviceArray<'f32'>;

/** Gradients of tensors in mid-graph while the walk goes on. The map owns them. */
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

  release(): void {
    for (const grad of this.#arrays.values()) grad.release();
    this.#arrays.clear();
  }
}

/** See `Tensor.backward`. */
export function runBackward(root: Tensor, gradient?: Tensor): void {
  if (!root.requiresGrad) {
    throw new Error(
      'backward: nothing this tensor was computed from requires a gradient, or it was computed inside noGrad().',
    );
  }
  if (gradient === undefined && root.size !== 1) {
    throw new ShapeError(
      `backward: a tensor of shape [${root.shape}] is not one number; reduce it with sum() or mean(), or pass its gradient.`,
    );
  }
  if (gradient && gradient.size !== root.size) {
    throw new ShapeError(`backward: the gradient has shape [${gradient.shape}], the tensor [${root.shape}].`);
  }
  const { gpu } = root;
  const nodes = [...ancestors([root])].sort((a, b) => b.order - a.order);
  if (nodes.some((node) => node.spent)) {
    throw new Error('backward: this graph was walked before and its memory is freed; compute the loss again first.');
  }
  const gradients = new Gradients();
  const leaves = new Set<Tensor>();
  try {
    gpu.scope(() => {
      const seed = gradient?.buffer ?? fill(gpu, 1, 1);
      if (root.node) gradients.add(root, seed);
      else {
        root.accumulateGrad(seed);
        leaves.add(root);
      }
    });
    for (const node of nodes) {
      const dy = gradients.take(node.output);
      if (dy !== undefined) {
        gpu.scope(() => {
          node.output.announceGradient(dy);
          const needs = node.inputs.map((input) => input.requiresGrad);
          const grads = node.backward(dy, needs);
          node.inputs.forEach((input, i) => {
            const grad = grads[i];
            if (!needs[i]) return;
            if (grad === undefined) throw new Error(`${node.name}: its backward rule gave no gradient for input ${i}.`);
            if (grad.length !== input.size) {
              throw new ShapeError(
                `${node.name}: its backward rule gave ${grad.length} elements for an input of shape [${input.shape}].`,
              );
            }
            if (input.node) gradients.add(input, grad);
            else {
              input.accumulateGrad(grad);
              leaves.add(input);
            }
          });
        });
        dy.release();
      }
      spend(node);
    }
    for (const leaf of leaves) if (leaf.grad) leaf.announceGradient(leaf.grad.buffer);
  } finally {
    gradients.release();
  }
}
