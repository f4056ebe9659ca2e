import { flatten } from '../../autograd/ops/shape.ts';
import { type Shape, sizeOf, type Tensor } from '../../autograd/tensor.ts';
import { Module } from '../module.ts';

/** Everything but the first dimension in one: [N, …] → [N, size / N]. Images flatten in the order H, W, C, PyTorch's in C, H, W. */
export class Flatten extends Module {
  forward(x: Tensor): Tensor {
    return flatten(x);
  }

  protected outputShape(input: Shape): Shape {
    return [input[0], sizeOf(input.slice(1))];
  }
}
