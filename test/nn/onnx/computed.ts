import { type Gpu, Linear, Module, type Shape, type Tensor } from '../../../src/node.ts';

/** A module of one function, which may read the parameters of `fc`. */
export class Computed extends Module {
  readonly #compute: (x: Tensor) => Tensor;
  readonly fc: Linear;

  constructor(gpu: Gpu, compute: (x: Tensor) => Tensor) {
    super();
    this.#compute = compute;
    this.fc = new Linear(gpu, 4, 4);
  }

  forward(x: Tensor): Tensor {
    return this.#compute(x);
  }

  protected outputShape(): Shape {
    return [];
  }
}
