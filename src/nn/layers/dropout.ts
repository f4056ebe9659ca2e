import { dropout } from '../../autograd/ops/dropout.ts';
import type { Shape, Tensor } from '../../autograd/tensor.ts';
import { Module } from '../module.ts';

/**
 * In training each element is 0 with probability p, else divided by 1 − p; in evaluation nothing happens. The masks come from the
 * device's generator.
 * Source: Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting", JMLR 2014.
 */
export class Dropout extends Module {
  readonly p: number;

  constructor(p = 0.5) {
    super();
    if (!(p >= 0 && p <= 1)) throw new RangeError(`Dropout: p must be from 0 to 1, not ${p}.`);
    this.p = p;
  }

  forward(x: Tensor): Tensor {
    return dropout(x, this.p, this.training);
  }

  protected outputShape(input: Shape): Shape {
    return input;
  }

  override details(): string {
    return `${this.p}`;
  }
}
