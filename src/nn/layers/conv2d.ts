import { checkGroups, conv2d, pair, type Size2d } from '../../autograd/ops/conv2d.ts';
import type { Shape, Tensor } from '../../autograd/tensor.ts';
import { ShapeError } from '../../runtime/errors.ts';
import type { Gpu } from '../../runtime/gpu.ts';
import { type InitOptions, layerGenerator, uniformByFanIn } from '../init.ts';
import { Module } from '../module.ts';
import { Parameter } from '../parameter.ts';
import { describeWindow, windowPositions } from './window.ts';

/** How the window moves, and what the first weights are drawn from. */
export interface Conv2dLayerOptions extends InitOptions {
  /** Step of the window, in pixels. Default 1. */
  stride?: Size2d;
  /** Zeros around the image, in pixels. Default 0. */
  padding?: Size2d;
  /** Groups that the channels are cut into, each convolved for itself; as many as input channels: depthwise. Default 1. */
  groups?: number;
  /** Whether to learn a value to add to each output channel. Default true. */
  bias?: boolean;
}

/** 2-D convolution: [N, H, W, CI] → [N, OH, OW, CO], OH = ⌊(H + 2·padding − kernel) / stride⌋ + 1. PyTorch's defaults and first weights. */
export class Conv2d extends Module {
  /** [KH, KW, CI / groups, CO]. */
  readonly weight: Parameter;
  /** [CO]. */
  readonly bias: Parameter | undefined;
  readonly kernelSize: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
  readonly groups: number;

  constructor(gpu: Gpu, inChannels: number, outChannels: number, kernelSize: Size2d, options: Conv2dLayerOptions = {}) {
    super();
    const { stride = 1, padding = 0, groups = 1, bias = true, generator = layerGenerator(gpu) } = options;
    this.kernelSize = pair('Conv2d', 'kernelSize', kernelSize, 1);
    this.stride = pair('Conv2d', 'stride', stride, 1);
    this.padding = pair('Conv2d', 'padding', padding, 0);
    checkGroups('Conv2d', groups, inChannels, outChannels);
    this.groups = groups;
    const shape = [...this.kernelSize, inChannels / groups, outChannels];
    const { initWeight = uniformByFanIn(shape), initBias = uniformByFanIn(shape) } = options;
    this.weight = new Parameter(gpu, initWeight(shape, generator), shape);
    this.bias = bias ? new Parameter(gpu, initBias([outChannels], generator), [outChannels]) : undefined;
  }

  forward(x: Tensor): Tensor {
    return conv2d(x, this.weight, this.bias, { stride: this.stride, padding: this.padding, groups: this.groups });
  }

  protected outputShape(input: Shape): Shape {
    const [n, h, w, ci] = input;
    const [, , depth, co] = this.weight.shape;
    const inChannels = depth * this.groups;
    if (input.length !== 4 || ci !== inChannels) {
      throw new ShapeError(`Conv2d: the input must be [N, H, W, ${inChannels}]; its shape is [${input}].`);
    }
    const [oh, ow] = windowPositions('Conv2d', this, h, w);
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
