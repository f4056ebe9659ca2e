import { add, mul } from '../../autograd/ops/arithmetic.ts';
import { channelPool2d, globalMaxPool2d } from '../../autograd/ops/attention_pools.ts';
import { relu, sigmoid } from '../../autograd/ops/elementwise.ts';
import { globalAvgPool2d } from '../../autograd/ops/reduce.ts';
import { reshape } from '../../autograd/ops/shape.ts';
import type { Shape, Tensor } from '../../autograd/tensor.ts';
import { ShapeError } from '../../runtime/errors.ts';
import type { Gpu } from '../../runtime/gpu.ts';
import { type InitOptions, layerGenerator } from '../init.ts';
import { Module } from '../module.ts';
import { Conv2d } from './conv2d.ts';
import { Linear } from './linear.ts';
import { squeezedChannels } from './squeeze_excitation.ts';

/** Settings of `CBAM`. */
export interface CBAMOptions extends InitOptions {
  /** Channels between the two layers of the channel attention. Default: a sixteenth, at least 4. */
  squeezed?: number;
  /** Side of the spatial attention's window, an odd number of pixels. Default 7. */
  kernelSize?: number;
}

/** The channels' part of CBAM: each times σ(mlp(its mean) + mlp(its largest value)), both through the same two layers. */
export class ChannelAttention extends Module {
  readonly fc1: Linear;
  readonly fc2: Linear;

  constructor(gpu: Gpu, channels: number, { squeezed = squeezedChannels(channels), generator }: CBAMOptions = {}) {
    super();
    const draw = generator ?? layerGenerator(gpu);
    this.fc1 = new Linear(gpu, channels, squeezed, { generator: draw });
    this.fc2 = new Linear(gpu, squeezed, channels, { generator: draw });
  }

  forward(x: Tensor): Tensor {
    const [n, , , c] = x.shape;
    const mlp = (pooled: Tensor): Tensor => this.fc2.call(relu(this.fc1.call(pooled)));
    const factors = sigmoid(add(mlp(globalAvgPool2d(x)), mlp(globalMaxPool2d(x))));
    return mul(x, reshape(factors, [n, 1, 1, c]));
  }

  protected outputShape(input: Shape): Shape {
    checkImages('ChannelAttention', input, this.fc1.weight.shape[0]);
    this.fc2.inferShape(this.fc1.inferShape([input[0], input[3]]));
    return input;
  }
}

/** The pixels' part of CBAM: each times σ(conv([largest value, mean] of its channels)), by a convolution without bias. */
export class SpatialAttention extends Module {
  readonly conv: Conv2d;

  constructor(gpu: Gpu, { kernelSize = 7, generator = layerGenerator(gpu) }: CBAMOptions = {}) {
    super();
    if (kernelSize % 2 !== 1) {
      throw new RangeError(`SpatialAttention: kernelSize must be an odd number of pixels, not ${kernelSize}.`);
    }
    this.conv = new Conv2d(gpu, 2, 1, kernelSize, { padding: (kernelSize - 1) / 2, bias: false, generator });
  }

  forward(x: Tensor): Tensor {
    return mul(x, sigmoid(this.conv.call(channelPool2d(x))));
  }

  protected outputShape(input: Shape): Shape {
    checkImages('SpatialAttention', input);
    this.conv.inferShape([...input.slice(0, 3), 2]);
    return input;
  }
}

/**
 * Convolutional block attention: [N, H, W, C] weighed by channel, then by pixel, each time by factors from 0 to 1. Shape kept. As the paper has
 * it, without the batch norm that its authors' code puts behind the spatial convolution.
 * Source: Woo, Park, Lee, Kweon, "CBAM: convolutional block attention module", ECCV 2018.
 */
export class CBAM extends Module {
  readonly channel: ChannelAttention;
  readonly spatial: SpatialAttention;

  constructor(gpu: Gpu, channels: number, options: CBAMOptions = {}) {
    super();
    const generator = options.generator ?? layerGenerator(gpu);
    this.channel = new ChannelAttention(gpu, channels, { ...options, generator });
    this.spatial = new SpatialAttention(gpu, { ...options, generator });
  }

  forward(x: Tensor): Tensor {
    return this.spatial.call(this.channel.call(x));
  }

  protected outputShape(input: Shape): Shape {
    return this.spatial.inferShape(this.channel.inferShape(input));
  }
}

function checkImages(layer: string, input: Shape, channels: number | 'C' = 'C'): void {
  if (input.length === 4 && (channels === 'C' || input[3] === channels)) return;
  throw new ShapeError(`${layer}: the input must be [N, H, W, ${channels}]; its shape is [${input}].`);
}
