import { tanh } from '../../autograd/ops/elementwise.ts';
import type { Shape, Tensor } from '../../autograd/tensor.ts';
import { Module } from '../module.ts';

/** tanh x, element by element. */
export class Tanh extends Module {
  forward(x: Tensor): Tensor {
    return tanh(x);
  }

  protected outputShape(input: Shape): Shape {
    return input;
  }
}
