import { maxPool2d } from '../../autograd/ops/max_pool.ts';
import { describeWindow, type Size2d, type Window, windowOf } from '../../autograd/ops/window.ts';
import type { Shape, Tensor } from '../../autograd/tensor.ts';
import { ShapeError } from '../../runtime/errors.ts';
import { Module } from '../module.ts';
import { positionsIn } from './positions.ts';

/** The window's steps and border. */
export interface MaxPool2dLayerOptions {
  /** Step of the window, in pixels. Default: its size. */
  stride?: Size2d;
  /** Pixels around the image that never win; 'same': as many as make ⌈H / stride⌉ × ⌈W / stride⌉ windows. Default 0. */
  padding?: Size2d | 'same' | 'valid';
  /** Pixels from one element of the window to the next. Default 1. */
  dilation?: Size2d;
  /** Whether the last windows may overhang, so that no pixel is left out. Default false. */
  ceilMode?: boolean;
}

/**
 * Largest value of each window: [N, H, W, C] → [N, OH, OW, C], OH = ⌊(H + 2·padding − dilation·(kernel − 1) − 1) / stride⌋ + 1, rounded up in ceil
 * mode. See `maxPool2d`.
 */
export class MaxPool2d extends Module implements Window {
  readonly kernelSize: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number] | 'same';
  readonly dilation: readonly [number, number];
  readonly ceilMode: boolean;

  constructor(kernelSize: Size2d, { stride = kernelSize, ...others }: MaxPool2dLayerOptions = {}) {
    super();
    const window = windowOf('MaxPool2d', { kernelSize, stride, ...others });
    this.kernelSize = window.kernelSize;
    this.stride = window.stride;
    this.padding = window.padding;
    this.dilation = window.dilation;
    this.ceilMode = window.ceilMode;
  }

  forward(x: Tensor): Tensor {
    const { kernelSize, stride, padding, dilation, ceilMode } = this;
    return maxPool2d(x, { kernelSize, stride, padding, dilation, ceilMode });
  }

  protected outputShape(input: Shape): Shape {
    const [n, h, w, c] = input;
    if (input.length !== 4) throw new ShapeError(`MaxPool2d: the input must be [N, H, W, C]; its shape is [${input}].`);
    const [oh, ow] = positionsIn('MaxPool2d', this, h, w);
    return [n, oh, ow, c];
  }

  override details(): string {
    return describeWindow(this, this.kernelSize);
  }
}
