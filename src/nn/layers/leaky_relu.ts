import { leakyRelu } from '../../autograd/ops/elementwise.ts';
import type { Shape, Tensor } from '../../autograd/tensor.ts';
import { Module } from '../module.ts';

/** x where x > 0, else slope · x, element by element. */
export class LeakyReLU extends Module {
  readonly slope: number;

  /** slope: PyTorch's `negative_slope`. */
  constructor(slope = 0.01) {
    super();
    this.slope = slope;
  }

  forward(x: Tensor): Tensor {
    return leakyRelu(x, this.slope);
  }

  protected outputShape(input: Shape): Shape {
    return input;
  }

  override details(): string {
    return `${this.slope}`;
  }
}
