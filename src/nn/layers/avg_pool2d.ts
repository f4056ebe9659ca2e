import { avgPool2d } from '../../autograd/ops/avg_pool.ts';
import { pair, type Size2d } from '../../autograd/ops/conv2d.ts';
import type { Shape, Tensor } from '../../autograd/tensor.ts';
import { ShapeError } from '../../runtime/errors.ts';
import { Module } from '../module.ts';
import { describeWindow, windowPositions } from './window.ts';

/** The window's steps and border. */
export interface AvgPool2dLayerOptions {
  /** Step of the window, in pixels. Default: its size. */
  stride?: Size2d;
  /** Zeros around the image, in pixels. Default 0. */
  padding?: Size2d;
  /** Whether the zeros of the padding count as elements of their windows. Default true. */
  countIncludePad?: boolean;
}

/** Mean of each window: [N, H, W, C] → [N, OH, OW, C], OH = ⌊(H + 2·padding − kernel) / stride⌋ + 1. */
export class AvgPool2d extends Module {
  readonly kernelSize: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
  readonly countIncludePad: boolean;

  constructor(
    kernelSize: Size2d,
    { stride = kernelSize, padding = 0, countIncludePad = true }: AvgPool2dLayerOptions = {},
  ) {
    super();
    this.kernelSize = pair('AvgPool2d', 'kernelSize', kernelSize, 1);
    this.stride = pair('AvgPool2d', 'stride', stride, 1);
    this.padding = pair('AvgPool2d', 'padding', padding, 0);
    this.countIncludePad = countIncludePad;
  }

  forward(x: Tensor): Tensor {
    const { kernelSize, stride, padding, countIncludePad } = this;
    return avgPool2d(x, { kernelSize, stride, padding, countIncludePad });
  }

  protected outputShape(input: Shape): Shape {
    const [n, h, w, c] = input;
    if (input.length !== 4) throw new ShapeError(`AvgPool2d: the input must be [N, H, W, C]; its shape is [${input}].`);
    const [oh, ow] = windowPositions('AvgPool2d', this, h, w);
    return [n, oh, ow, c];
  }

  override details(): string {
    return `${describeWindow(this, this.kernelSize)}${this.countIncludePad ? '' : ', padding not counted'}`;
  }
}
