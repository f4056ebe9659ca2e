import { stochasticDepth } from '../../autograd/ops/dropout.ts';
import type { Shape, Tensor } from '../../autograd/tensor.ts';
import { Module } from '../module.ts';

/**
 * In training each sample is 0 as a whole with probability p, else divided by 1 − p; in evaluation nothing happens. Put at the end of a
 * residual branch, it leaves the block out for that sample. The masks come from the device's generator.
 * Source: Huang, Sun, Liu, Sedra, Weinberger, "Deep networks with stochastic depth", ECCV 2016.
 */
export class StochasticDepth extends Module {
  readonly p: number;
  /** [N] of 1, kept, and 0, dropped: used instead of drawn ones while it is set, for comparisons with other systems. */
  mask: Tensor | undefined;

  constructor(p: number) {
    super();
    if (!(p >= 0 && p <= 1)) throw new RangeError(`StochasticDepth: p must be from 0 to 1, not ${p}.`);
    this.p = p;
  }

  forward(x: Tensor): Tensor {
    return stochasticDepth(x, this.p, this.training, this.mask);
  }

  protected outputShape(input: Shape): Shape {
    return input;
  }

  override details(): string {
    return this.p.toPrecision(2);
  }
}
