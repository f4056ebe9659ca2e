import { adaptiveAvgPool2d } from '../../autograd/ops/avg_pool.ts';
import { pair, type Size2d } from '../../autograd/ops/window.ts';
import type { Shape, Tensor } from '../../autograd/tensor.ts';
import { ShapeError } from '../../runtime/errors.ts';
import { Module } from '../module.ts';

/** Means of `outputSize` windows, as equal as they can be: [N, H, W, C] → [N, OH, OW, C]. See `adaptiveAvgPool2d`. */
export class AdaptiveAvgPool2d extends Module {
  readonly outputSize: readonly [number, number];

  constructor(outputSize: Size2d) {
    super();
    this.outputSize = pair('AdaptiveAvgPool2d', 'outputSize', outputSize, 1);
  }

  forward(x: Tensor): Tensor {
    return adaptiveAvgPool2d(x, this.outputSize);
  }

  protected outputShape(input: Shape): Shape {
    if (input.length !== 4) {
      throw new ShapeError(`AdaptiveAvgPool2d: the input must be [N, H, W, C]; its shape is [${input}].`);
    }
    return [input[0], ...this.outputSize, input[3]];
  }

  override details(): string {
    return this.outputSize.join('×');
  }
}
