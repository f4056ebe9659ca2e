import { addRelu } from '../../autograd/ops/arithmetic.ts';
import type { Shape, Tensor } from '../../autograd/tensor.ts';
import { ShapeError } from '../../runtime/errors.ts';
import type { Gpu } from '../../runtime/gpu.ts';
import type { InitOptions } from '../init.ts';
import { BatchNorm2d } from '../layers/batch_norm2d.ts';
import { Conv2d } from '../layers/conv2d.ts';
import { Module } from '../module.ts';
import { callInTurn, inferShapeInTurn } from '../sequential.ts';

export interface BasicBlockOptions extends InitOptions {
  /** Step of the first convolution. Default 1. */
  stride?: number;
  /** What brings the input to the shape of the output, where they differ. */
  downsample?: Module;
}

/**
 * The residual block of the smaller ResNets: y = max(residual(x) + shortcut(x), 0), where the residual is conv 3×3, batch norm, ReLU,
 * conv 3×3, batch norm. Names are torchvision's.
 * Source: He, Zhang, Ren, Sun, "Deep residual learning for image recognition", CVPR 2016.
 */
export class BasicBlock extends Module {
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;
  readonly conv2: Conv2d;
  readonly bn2: BatchNorm2d;
  readonly downsample: Module | undefined;

  constructor(gpu: Gpu, from: number, to: number, { stride = 1, downsample, ...init }: BasicBlockOptions = {}) {
    super();
    this.conv1 = new Conv2d(gpu, from, to, 3, { stride, padding: 1, bias: false, ...init });
    this.bn1 = new BatchNorm2d(gpu, to, { activation: 'relu' });
    this.conv2 = new Conv2d(gpu, to, to, 3, { padding: 1, bias: false, ...init });
    this.bn2 = new BatchNorm2d(gpu, to);
    this.downsample = downsample;
  }

  get #residual(): Module[] {
    return [this.conv1, this.bn1, this.conv2, this.bn2];
  }

  forward(x: Tensor): Tensor {
    const residual = callInTurn(this.#residual, x);
    return addRelu(residual, this.downsample ? this.downsample.call(x) : x);
  }

  protected outputShape(input: Shape): Shape {
    const residual = inferShapeInTurn(this.#residual, input);
    const shortcut = this.downsample ? this.downsample.inferShape(input) : input;
    if (`${residual}` !== `${shortcut}`) {
      throw new ShapeError(`BasicBlock: the residual has shape [${residual}], the shortcut [${shortcut}].`);
    }
    return residual;
  }
}
