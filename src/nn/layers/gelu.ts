import { gelu } from '../../autograd/ops/elementwise.ts';
import type { Shape, Tensor } from '../../autograd/tensor.ts';
import { Module } from '../module.ts';

/** x · Φ(x), element by element, Φ the normal distribution's cumulative function: the exact form, PyTorch's default. */
export class GELU extends Module {
  forward(x: Tensor): Tensor {
    return gelu(x);
  }

  protected outputShape(input: Shape): Shape {
    return input;
  }
}
