import { silu } from '../../autograd/ops/elementwise.ts';
import type { Shape, Tensor } from '../../autograd/tensor.ts';
import { Module } from '../module.ts';

/** x · σ(x), element by element, σ the logistic sigmoid; also called swish. */
export class SiLU extends Module {
  forward(x: Tensor): Tensor {
    return silu(x);
  }

  protected outputShape(input: Shape): Shape {
    return input;
  }
}
