import { globalAvgPool2d } from '../../autograd/ops/reduce.ts';
import type { Shape, Tensor } from '../../autograd/tensor.ts';
import { ShapeError } from '../../runtime/errors.ts';
import { Module } from '../module.ts';

/** Mean over height and width: [N, H, W, C] → [N, C]. */
export class GlobalAvgPool2d extends Module {
  forward(x: Tensor): Tensor {
    return globalAvgPool2d(x);
  }

  protected outputShape(input: Shape): Shape {
    if (input.length !== 4) {
      throw new ShapeError(`GlobalAvgPool2d: the input must be [N, H, W, C]; its shape is [${input}].`);
    }
    return [input[0], input[3]];
  }
}
