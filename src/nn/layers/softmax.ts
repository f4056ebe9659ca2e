import { reshape } from '../../autograd/ops/shape.ts';
import { softmax } from '../../autograd/ops/softmax.ts';
import type { Shape, Tensor } from '../../autograd/tensor.ts';
import { Module } from '../module.ts';

/**
 * Softmax over the last axis, the channels or classes: [N, C] or [N, …, C], shape kept. To train by, `CrossEntropyLoss` takes the logits before
 * it. PyTorch's Softmax with dim −1.
 */
export class Softmax extends Module {
  forward(x: Tensor): Tensor {
    const { shape } = x;
    if (shape.length === 2) return softmax(x);
    const classes = shape[shape.length - 1];
    return reshape(softmax(reshape(x, [x.size / classes, classes])), shape);
  }

  protected outputShape(input: Shape): Shape {
    return input;
  }
}
