import { type Shape, Tensor } from '../autograd/tensor.ts';
import type { Gpu } from '../runtime/gpu.ts';

/** A tensor that a module learns. It belongs to no scope: it lives as long as something refers to it. */
export class Parameter extends Tensor {
  constructor(gpu: Gpu, values: Float32Array, shape: Shape) {
    super(
      gpu.unscoped(() => gpu.upload(values, 'Parameter')),
      shape,
    );
    this.requiresGrad = true;
  }
}

/**
 * A tensor that is part of a module's state but not learned by gradients, such as a running mean: PyTorch's persistent buffer. It belongs
 * to no scope.
 */
export class PersistentBuffer extends Tensor {
  constructor(gpu: Gpu, values: Float32Array, shape: Shape) {
    super(
      gpu.unscoped(() => gpu.upload(values, 'PersistentBuffer')),
      shape,
    );
  }
}
