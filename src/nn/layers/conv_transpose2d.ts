import {
  convTranspose2d,
  type TransposedWindow,
  transposedSize,
  transposedWindow,
} from '../../autograd/ops/conv_transpose2d.ts';
import { checkGroups } from '../../autograd/ops/conv2d.ts';
import { describeWindow, type Size2d } from '../../autograd/ops/window.ts';
import type { Shape, Tensor } from '../../autograd/tensor.ts';
import { ShapeError } from '../../runtime/errors.ts';
import type { Gpu } from '../../runtime/gpu.ts';
import { type InitOptions, layerGenerator, uniformByFanIn } from '../init.ts';
import { Module } from '../module.ts';
import { Parameter } from '../parameter.ts';

/** How the window moves over the output, and what the first weights are drawn from. */
export interface ConvTranspose2dLayerOptions extends InitOptions {
  /** Step of the window in the output, in pixels. Default 1. */
  stride?: Size2d;
  /** Pixels cut off from each side of the output. Default 0. */
  padding?: Size2d;
  /** Pixels more of output at its lower and right edge; fewer than stride or dilation. Default 0. */
  outputPadding?: Size2d;
  /** Pixels from one tap of the window to the next. Default 1. */
  dilation?: Size2d;
  /** Groups that the channels are cut into, each for itself. Default 1. */
  groups?: number;
  /** Whether to learn a value to add to each output channel. Default true. */
  bias?: boolean;
}

/**
 * Transposed 2-D convolution: [N, H, W, CI] → [N, OH, OW, CO], OH = (H − 1)·stride − 2·padding + dilation·(kernel − 1) + outputPadding + 1. With
 * kernel 2 and stride 2 it doubles height and width. PyTorch's defaults and first weights. See `convTranspose2d`.
 */
export class ConvTranspose2d extends Module implements TransposedWindow {
  /** [KH, KW, CO / groups, CI]; in files PyTorch's [CI, CO / groups, KH, KW]. */
  readonly weight: Parameter;
  /** [CO]. */
  readonly bias: Parameter | undefined;
  readonly kernelSize: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
  readonly outputPadding: readonly [number, number];
  readonly dilation: readonly [number, number];
  readonly groups: number;

  constructor(
    gpu: Gpu,
    inChannels: number,
    outChannels: number,
    kernelSize: Size2d,
    options: ConvTranspose2dLayerOptions = {},
  ) {
    super();
    const { groups = 1, bias = true, generator = layerGenerator(gpu) } = options;
    const window = transposedWindow('ConvTranspose2d', kernelSize, options);
    this.kernelSize = window.kernelSize;
    this.stride = window.stride;
    this.padding = window.padding;
    this.outputPadding = window.outputPadding;
    this.dilation = window.dilation;
    checkGroups('ConvTranspose2d', groups, inChannels, outChannels);
    this.groups = groups;
    const shape = [...this.kernelSize, outChannels / groups, inChannels];
    const { initWeight = uniformByFanIn(shape), initBias = uniformByFanIn(shape) } = options;
    this.weight = new Parameter(gpu, initWeight(shape, generator), shape);
    this.bias = bias ? new Parameter(gpu, initBias([outChannels], generator), [outChannels]) : undefined;
  }

  forward(x: Tensor): Tensor {
    const { stride, padding, outputPadding, dilation, groups } = this;
    return convTranspose2d(x, this.weight, this.bias, { stride, padding, outputPadding, dilation, groups });
  }

  protected outputShape(input: Shape): Shape {
    const [n, h, w, ci] = input;
    const [, , depth, inChannels] = this.weight.shape;
    if (input.length !== 4 || ci !== inChannels) {
      throw new ShapeError(`ConvTranspose2d: the input must be [N, H, W, ${inChannels}]; its shape is [${input}].`);
    }
    return [n, ...transposedSize('ConvTranspose2d', this, h, w), depth * this.groups];
  }

  override flops([n, h, w]: Shape): number {
    return 2 * n * h * w * this.weight.size;
  }

  override details(): string {
    const [, , depth, ci] = this.weight.shape;
    const parts = [`${ci} → ${depth * this.groups}`, describeWindow({ ...this, ceilMode: false }, [1, 1])];
    const [down, across] = this.outputPadding;
    if (down + across > 0) parts.push(`output padding ${down === across ? down : `${down}×${across}`}`);
    if (this.groups > 1) parts.push(`groups ${this.groups}`);
    if (!this.bias) parts.push('no bias');
    return parts.join(', ');
  }
}
