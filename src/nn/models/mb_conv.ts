import { add } from '../../autograd/ops/arithmetic.ts';
import type { Shape, Tensor } from '../../autograd/tensor.ts';
import type { Gpu } from '../../runtime/gpu.ts';
import type { InitOptions } from '../init.ts';
import { BatchNorm2d } from '../layers/batch_norm2d.ts';
import { Conv2d } from '../layers/conv2d.ts';
import { SqueezeExcitation } from '../layers/squeeze_excitation.ts';
import { StochasticDepth } from '../layers/stochastic_depth.ts';
import { Module } from '../module.ts';
import { Sequential } from '../sequential.ts';

export interface ConvNormOptions extends InitOptions {
  stride?: number;
  groups?: number;
  /** Whether SiLU follows. Default true. */
  activation?: boolean;
}

/** Convolution that keeps the image's size but for the stride, batch norm with SiLU in its pass: torchvision's Conv2dNormActivation. */
export function convNorm(gpu: Gpu, from: number, to: number, kernel: number, options: ConvNormOptions): Sequential {
  const { stride = 1, groups = 1, activation = true, ...init } = options;
  const conv = new Conv2d(gpu, from, to, kernel, { stride, padding: (kernel - 1) / 2, groups, bias: false, ...init });
  return new Sequential(conv, new BatchNorm2d(gpu, to, { activation: activation ? 'silu' : undefined }));
}

export interface MBConvOptions extends InitOptions {
  from: number;
  to: number;
  /** Channels inside. */
  expanded: number;
  /** Height and width of the depthwise convolution's kernel. */
  kernel: number;
  stride: number;
  /** Probability that training leaves the block out for an image, where it has a shortcut. */
  stochasticDepth: number;
}

/**
 * The inverted residual block of EfficientNet: 1×1 convolution to more channels (unless they are as many), depthwise convolution, squeeze and
 * excitation, 1×1 convolution to fewer; the input is added where the shapes allow it. Names are torchvision's.
 * Source: Tan, Le, "EfficientNet", ICML 2019; Sandler et al., "MobileNetV2", CVPR 2018.
 */
export class MBConv extends Module {
  readonly block: Sequential;
  readonly stochasticDepth: StochasticDepth | undefined;

  constructor(gpu: Gpu, options: MBConvOptions) {
    super();
    const { from, to, expanded, kernel, stride, stochasticDepth, ...init } = options;
    this.block = new Sequential(
      ...(expanded === from ? [] : [convNorm(gpu, from, expanded, 1, init)]),
      convNorm(gpu, expanded, expanded, kernel, { stride, groups: expanded, ...init }),
      new SqueezeExcitation(gpu, expanded, {
        squeezed: Math.max(1, Math.floor(from / 4)),
        activation: 'silu',
        ...init,
      }),
      convNorm(gpu, expanded, to, 1, { activation: false, ...init }),
    );
    this.stochasticDepth = stride === 1 && from === to ? new StochasticDepth(stochasticDepth) : undefined;
  }

  forward(x: Tensor): Tensor {
    const y = this.block.call(x);
    return this.stochasticDepth ? add(this.stochasticDepth.call(y), x) : y;
  }

  protected outputShape(input: Shape): Shape {
    const shape = this.block.inferShape(input);
    return this.stochasticDepth ? this.stochasticDepth.inferShape(shape) : shape;
  }
}
