import { mul } from '../../autograd/ops/arithmetic.ts';
import { dropout } from '../../autograd/ops/dropout.ts';
import { type Shape, Tensor } from '../../autograd/tensor.ts';
import { fill } from '../../kernels/elementwise.ts';
import { Module } from '../module.ts';

/**
 * In training each image's whole branch is 0 with probability p, else divided by 1 − p; in evaluation nothing happens. Shape [N, …] kept.
 * The draws come from the device's generator. torchvision's StochasticDepth in its mode 'row'.
 * Source: Huang, Sun, Liu, Sedra, Weinberger, "Deep networks with stochastic depth", ECCV 2016.
 */
export class StochasticDepth extends Module {
  readonly p: number;

  constructor(p: number) {
    super();
    if (!(p >= 0 && p <= 1)) throw new RangeError(`StochasticDepth: p must be from 0 to 1, not ${p}.`);
    this.p = p;
  }

  forward(x: Tensor): Tensor {
    if (!this.training || this.p === 0) return x;
    const [n] = x.shape;
    const ones = new Tensor(fill(x.gpu, n, 1), [n, ...x.shape.slice(1).map(() => 1)]);
    return mul(x, dropout(ones, this.p, true));
  }

  protected outputShape(input: Shape): Shape {
    return input;
  }

  override details(): string {
    return this.p.toPrecision(2);
  }
}
