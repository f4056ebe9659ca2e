import { type GeluOptions, gelu } from '../../autograd/ops/elementwise.ts';
import type { Shape, Tensor } from '../../autograd/tensor.ts';
import { Module } from '../module.ts';

/**
 * x · Φ(x), element by element, Φ the normal distribution's cumulative function: the exact form, PyTorch's default, or with
 * approximate: 'tanh' the one by a hyperbolic tangent; see `gelu`.
 */
export class GELU extends Module {
  readonly approximate: 'none' | 'tanh';

  constructor({ approximate = 'none' }: GeluOptions = {}) {
    super();
    this.approximate = approximate;
  }

  forward(x: Tensor): Tensor {
    return gelu(x, { approximate: this.approximate });
  }

  protected outputShape(input: Shape): Shape {
    return input;
  }

  override details(): string {
    return this.approximate === 'none' ? '' : this.approximate;
  }
}
