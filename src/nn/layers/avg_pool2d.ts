import { avgPool2d } from '../../autograd/ops/avg_pool.ts';
import { describeWindow, type Size2d, type Window, windowOf } from '../../autograd/ops/window.ts';
import type { Shape, Tensor } from '../../autograd/tensor.ts';
import { ShapeError } from '../../runtime/errors.ts';
import { Module } from '../module.ts';
import { positionsIn } from './positions.ts';

/** The window's steps and border. */
export interface AvgPool2dLayerOptions {
  /** Step of the window, in pixels. Default: its size. */
  stride?: Size2d;
  /** Zeros around the image, in pixels; 'same': as many as make ⌈H / stride⌉ × ⌈W / stride⌉ windows. Default 0. */
  padding?: Size2d | 'same' | 'valid';
  /** Whether the zeros of the padding count as elements of their windows. Default true. */
  countIncludePad?: boolean;
  /** Whether the last windows may overhang, so that no pixel is left out. Default false. */
  ceilMode?: boolean;
}

/** Mean of each window: [N, H, W, C] → [N, OH, OW, C], OH = ⌊(H + 2·padding − kernel) / stride⌋ + 1, rounded up in ceil mode. See `avgPool2d`. */
export class AvgPool2d extends Module implements Window {
  readonly kernelSize: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number] | 'same';
  readonly dilation = [1, 1] as const;
  readonly ceilMode: boolean;
  readonly countIncludePad: boolean;

  constructor(
    kernelSize: Size2d,
    { stride = kernelSize, padding = 0, countIncludePad = true, ceilMode = false }: AvgPool2dLayerOptions = {},
  ) {
    super();
    const window = windowOf('AvgPool2d', { kernelSize, stride, padding, ceilMode });
    this.kernelSize = window.kernelSize;
    this.stride = window.stride;
    this.padding = window.padding;
    this.ceilMode = ceilMode;
    this.countIncludePad = countIncludePad;
  }

  forward(x: Tensor): Tensor {
    const { kernelSize, stride, padding, ceilMode, countIncludePad } = this;
    return avgPool2d(x, { kernelSize, stride, padding, ceilMode, countIncludePad });
  }

  protected outputShape(input: Shape): Shape {
    const [n, h, w, c] = input;
    if (input.length !== 4) throw new ShapeError(`AvgPool2d: the input must be [N, H, W, C]; its shape is [${input}].`);
    const [oh, ow] = positionsIn('AvgPool2d', this, h, w);
    return [n, oh, ow, c];
  }

  override details(): string {
    return `${describeWindow(this, this.kernelSize)}${this.countIncludePad ? '' : ', padding not counted'}`;
  }
}
