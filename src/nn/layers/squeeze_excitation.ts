import { squeezeExcitation } from '../../autograd/ops/squeeze_excitation.ts';
import type { Shape, Tensor } from '../../autograd/tensor.ts';
import { ShapeError } from '../../runtime/errors.ts';
import type { Gpu } from '../../runtime/gpu.ts';
import { type InitOptions, layerGenerator } from '../init.ts';
import { Module } from '../module.ts';
import { Conv2d } from './conv2d.ts';
import { ReLU } from './relu.ts';
import { Sigmoid } from './sigmoid.ts';
import { SiLU } from './silu.ts';

/** Settings of `SqueezeExcitation`. */
export interface SqueezeExcitationOptions extends InitOptions {
  /** Channels between the two layers. Default: a sixteenth, at least 4. */
  squeezed?: number;
  /** What follows the first layer. Default 'relu'. */
  activation?: 'relu' | 'silu';
}

/** Channels that an attention layer squeezes `channels` into where nothing else is asked: a sixteenth, at least 4. */
export function squeezedChannels(channels: number): number {
  return Math.max(4, Math.round(channels / 16));
}

/**
 * Squeeze-and-excitation: each channel of [N, H, W, C] times a number from 0 to 1 that two small layers find from the means of all channels. Shape
 * kept. Names as torchvision's SqueezeExcitation, whose layers are 1×1 convolutions.
 * Source: Hu, Shen, Sun, "Squeeze-and-excitation networks", CVPR 2018.
 */
export class SqueezeExcitation extends Module {
  /** C → squeezed. */
  readonly fc1: Conv2d;
  readonly activation: ReLU | SiLU;
  /** squeezed → C. */
  readonly fc2: Conv2d;
  readonly scaleActivation = new Sigmoid();

  constructor(gpu: Gpu, channels: number, options: SqueezeExcitationOptions = {}) {
    super();
    const { squeezed = squeezedChannels(channels), activation = 'relu', ...given } = options;
    const { generator = layerGenerator(gpu) } = given;
    const init = { ...given, generator };
    this.fc1 = new Conv2d(gpu, channels, squeezed, 1, init);
    this.activation = activation === 'relu' ? new ReLU() : new SiLU();
    this.fc2 = new Conv2d(gpu, squeezed, channels, 1, init);
  }

  /** All of it in one operation: the layers hold its weights, and are not called. */
  forward(x: Tensor): Tensor {
    const { fc1, fc2, activation } = this;
    const weights = { w1: fc1.weight, b1: fc1.bias!, w2: fc2.weight, b2: fc2.bias! };
    return squeezeExcitation(x, weights, activation instanceof SiLU ? 'silu' : 'relu');
  }

  protected outputShape(input: Shape): Shape {
    const channels = this.fc1.weight.shape[2];
    if (input.length !== 4 || input[3] !== channels) {
      throw new ShapeError(`SqueezeExcitation: the input must be [N, H, W, ${channels}]; its shape is [${input}].`);
    }
    const squeezed = this.activation.inferShape(this.fc1.inferShape([input[0], 1, 1, channels]));
    this.scaleActivation.inferShape(this.fc2.inferShape(squeezed));
    return input;
  }

  override details(): string {
    const [, , channels, squeezed] = this.fc1.weight.shape;
    return `${channels} → ${squeezed} → ${channels}`;
  }
}
