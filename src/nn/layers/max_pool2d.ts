import { pair, type Size2d } from '../../autograd/ops/conv2d.ts';
import { maxPool2d } from '../../autograd/ops/max_pool.ts';
import type { Shape, Tensor } from '../../autograd/tensor.ts';
import { ShapeError } from '../../runtime/errors.ts';
import { Module } from '../module.ts';
import { describeWindow, windowPositions } from './window.ts';

/** The window's steps and border. */
export interface MaxPool2dLayerOptions {
  /** Step of the window, in pixels. Default: its size. */
  stride?: Size2d;
  /** Pixels around the image that never win. Default 0. */
  padding?: Size2d;
}

/** Largest value of each window: [N, H, W, C] → [N, OH, OW, C], OH = ⌊(H + 2·padding − kernel) / stride⌋ + 1. */
export class MaxPool2d extends Module {
  readonly kernelSize: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];

  constructor(kernelSize: Size2d, { stride = kernelSize, padding = 0 }: MaxPool2dLayerOptions = {}) {
    super();
    this.kernelSize = pair('MaxPool2d', 'kernelSize', kernelSize, 1);
    this.stride = pair('MaxPool2d', 'stride', stride, 1);
    this.padding = pair('MaxPool2d', 'padding', padding, 0);
  }

  forward(x: Tensor): Tensor {
    return maxPool2d(x, { kernelSize: this.kernelSize, stride: this.stride, padding: this.padding });
  }

  protected outputShape(input: Shape): Shape {
    const [n, h, w, c] = input;
    if (input.length !== 4) throw new ShapeError(`MaxPool2d: the input must be [N, H, W, C]; its shape is [${input}].`);
    const [oh, ow] = windowPositions('MaxPool2d', this, h, w);
    return [n, oh, ow, c];
  }

  override details(): string {
    return describeWindow(this, this.kernelSize);
  }
}
