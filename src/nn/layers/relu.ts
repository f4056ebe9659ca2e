import { relu } from '../../autograd/ops/elementwise.ts';
import type { Shape, Tensor } from '../../autograd/tensor.ts';
import { Module } from '../module.ts';

/** max(x, 0), element by element. */
export class ReLU extends Module {
  forward(x: Tensor): Tensor {
    return relu(x);
  }

  protected outputShape(input: Shape): Shape {
    return input;
  }
}
