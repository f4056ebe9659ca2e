import { sigmoid } from '../../autograd/ops/elementwise.ts';
import type { Shape, Tensor } from '../../autograd/tensor.ts';
import { Module } from '../module.ts';

/** 1 / (1 + e^−x), element by element. */
export class Sigmoid extends Module {
  forward(x: Tensor): Tensor {
    return sigmoid(x);
  }

  protected outputShape(input: Shape): Shape {
    return input;
  }
}
