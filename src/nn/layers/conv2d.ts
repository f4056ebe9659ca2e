import { checkGroups, conv2d, convolutionWindow } from '../../autograd/ops/conv2d.ts';
import { describeWindow, type Size2d, type Window } from '../../autograd/ops/window.ts';
import type { Shape, Tensor } from '../../autograd/tensor.ts';
import { ShapeError } from '../../runtime/errors.ts';
import type { Gpu } from '../../runtime/gpu.ts';
import { type InitOptions, layerGenerator, uniformByFanIn } from '../init.ts';
import { Module } from '../module.ts';
import { Parameter } from '../parameter.ts';
import { positionsIn } from './positions.ts';

/** How the window moves, and what the first weights are drawn from. */
export interface Conv2dLayerOptions extends InitOptions {
  /** Step of the window, in pixels. Default 1. */
  stride?: Size2d;
  /**
   * Zeros on each side of the image, in pixels; 'same', for stride 1: as many as keep its size, the odd one behind; 'valid': none. Default 0.
   */
  padding?: Size2d | 'same' | 'valid';
  /** Pixels from one tap of the window to the next. Default 1. */
  dilation?: Size2d;
  /** Groups that the channels are cut into, each convolved for itself; as many as input channels: depthwise. Default 1. */
  groups?: number;
  /** Whether to learn a value to add to each output channel. Default true. */
  bias?: boolean;
}

/**
 * 2-D convolution: [N, H, W, CI] → [N, OH, OW, CO], OH = ⌊(H + 2·padding − dilation·(kernel − 1) − 1) / stride⌋ + 1. PyTorch's defaults
 * and first weights.
 */
export class Conv2d extends Module implements Window {
  /** [KH, KW, CI / groups, CO]. */
  readonly weight: Parameter;
  /** [CO]. */
  readonly bias: Parameter | undefined;
  readonly kernelSize: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number] | 'same';
  readonly dilation: readonly [number, number];
  readonly ceilMode = false;
  readonly groups: number;

  constructor(gpu: Gpu, inChannels: number, outChannels: number, kernelSize: Size2d, options: Conv2dLayerOptions = {}) {
    super();
    const { stride, padding, dilation, groups = 1, bias = true, generator = layerGenerator(gpu) } = options;
    const window = convolutionWindow('Conv2d', { kernelSize, stride, padding, dilation });
    this.kernelSize = window.kernelSize;
    this.stride = window.stride;
    this.padding = window.padding;
    this.dilation = window.dilation;
    checkGroups('Conv2d', groups, inChannels, outChannels);
    this.groups = groups;
    const shape = [...this.kernelSize, inChannels / groups, outChannels];
    const { initWeight = uniformByFanIn(shape), initBias = uniformByFanIn(shape) } = options;
    this.weight = new Parameter(gpu, initWeight(shape, generator), shape);
    this.bias = bias ? new Parameter(gpu, initBias([outChannels], generator), [outChannels]) : undefined;
  }

  forward(x: Tensor): Tensor {
    const { stride, padding, dilation, groups } = this;
    return conv2d(x, this.weight, this.bias, { stride, padding, dilation, groups });
  }

  protected outputShape(input: Shape): Shape {
    const [n, h, w, ci] = input;
    const [, , depth, co] = this.weight.shape;
    const inChannels = depth * this.groups;
    if (input.length !== 4 || ci !== inChannels) {
      throw new ShapeError(`Conv2d: the input must be [N, H, W, ${inChannels}]; its shape is [${input}].`);
    }
    const [oh, ow] = positionsIn('Conv2d', this, h, w);
    return [n, oh, ow, co];
  }

  override flops(input: Shape): number {
    const [n, oh, ow] = this.outputShape(input);
    return 2 * n * oh * ow * this.weight.size;
  }

  override details(): string {
    const [, , depth, co] = this.weight.shape;
    const groups = this.groups === 1 ? '' : `, groups ${this.groups}`;
    return `${depth * this.groups} → ${co}, ${describeWindow(this, [1, 1])}${groups}${this.bias ? '' : ', no bias'}`;
  }
}
