import { batchNorm2d } from '../../autograd/ops/batch_norm.ts';
import type { Shape, Tensor } from '../../autograd/tensor.ts';
import type { NormActivation } from '../../kernels/batch_norm.ts';
import { ShapeError } from '../../runtime/errors.ts';
import type { Gpu } from '../../runtime/gpu.ts';
import { Module } from '../module.ts';
import { Parameter, PersistentBuffer } from '../parameter.ts';

/** What summaries call them: as the layers are called that do the same. */
const NAMES: Readonly<Record<NormActivation, string>> = {
  relu: 'ReLU',
  silu: 'SiLU',
  gelu: 'GELU',
  'leaky-relu': 'LeakyReLU',
};

/** Settings of `BatchNorm2d`. */
export interface BatchNorm2dOptions {
  /** Added to the variance under the root. Default 1e-5. */
  eps?: number;
  /** Weight of the batch's statistics in the running ones. Default 0.1. */
  momentum?: number;
  /** What follows in the same pass, which spares a layer of its own its trip through memory. Default: nothing. */
  activation?: NormActivation;
  /** Of 'leaky-relu' below 0. Default 0.01. */
  slope?: number;
}

/**
 * Batch normalisation of images [N, H, W, C], each channel for itself, with PyTorch's defaults: by the batch's mean and (biased) variance
 * in training, by the running ones in evaluation.
 */
export class BatchNorm2d extends Module {
  /** [C], at first 1. */
  readonly weight: Parameter;
  /** [C], at first 0. */
  readonly bias: Parameter;
  /** [C], at first 0. */
  readonly runningMean: PersistentBuffer;
  /** [C], at first 1. */
  readonly runningVar: PersistentBuffer;
  readonly eps: number;
  readonly momentum: number;
  readonly activation: NormActivation | undefined;
  readonly slope: number | undefined;

  constructor(gpu: Gpu, channels: number, options: BatchNorm2dOptions = {}) {
    super();
    const { eps = 1e-5, momentum = 0.1, activation, slope } = options;
    const zeros = new Float32Array(channels);
    const ones = new Float32Array(channels).fill(1);
    this.weight = new Parameter(gpu, ones, [channels]);
    this.bias = new Parameter(gpu, zeros, [channels]);
    this.runningMean = new PersistentBuffer(gpu, zeros, [channels]);
    this.runningVar = new PersistentBuffer(gpu, ones, [channels]);
    this.eps = eps;
    this.momentum = momentum;
    this.activation = activation;
    this.slope = slope;
  }

  forward(x: Tensor): Tensor {
    const { weight, bias, runningMean, runningVar, training, momentum, eps, activation, slope } = this;
    return batchNorm2d(x, { weight, bias, runningMean, runningVar, training, momentum, eps, activation, slope });
  }

  protected outputShape(input: Shape): Shape {
    if (input.length !== 4 || input[3] !== this.weight.size) {
      throw new ShapeError(`BatchNorm2d: the input must be [N, H, W, ${this.weight.size}]; its shape is [${input}].`);
    }
    return input;
  }

  override details(): string {
    return `${this.weight.size}${this.activation ? `, ${NAMES[this.activation]}` : ''}`;
  }
}
