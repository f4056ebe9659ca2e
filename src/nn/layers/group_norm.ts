import { checkNormGroups, groupNorm } from '../../autograd/ops/group_norm.ts';
import type { Shape, Tensor } from '../../autograd/tensor.ts';
import { ShapeError } from '../../runtime/errors.ts';
import type { Gpu } from '../../runtime/gpu.ts';
import { Module } from '../module.ts';
import { Parameter } from '../parameter.ts';

/** Settings of `GroupNorm`. */
export interface GroupNormOptions {
  /** Added to the variance under the root. Default 1e-5. */
  eps?: number;
  /** Whether to learn a factor and a value to add for each channel. Default true. */
  affine?: boolean;
}

/**
 * Group normalisation of images [N, H, W, C]: each image over its pixels and one of `groups` equal groups of neighbouring channels; one group is
 * all of the image, as many as channels instance normalisation. PyTorch's defaults. See `groupNorm`.
 */
export class GroupNorm extends Module {
  /** [C], at first 1. */
  readonly weight: Parameter | undefined;
  /** [C], at first 0. */
  readonly bias: Parameter | undefined;
  readonly groups: number;
  readonly channels: number;
  readonly eps: number;

  constructor(gpu: Gpu, groups: number, channels: number, { eps = 1e-5, affine = true }: GroupNormOptions = {}) {
    super();
    checkNormGroups('GroupNorm', groups, channels);
    this.weight = affine ? new Parameter(gpu, new Float32Array(channels).fill(1), [channels]) : undefined;
    this.bias = affine ? new Parameter(gpu, new Float32Array(channels), [channels]) : undefined;
    this.groups = groups;
    this.channels = channels;
    this.eps = eps;
  }

  forward(x: Tensor): Tensor {
    const { weight, bias, eps } = this;
    return groupNorm(x, this.groups, { weight, bias, eps });
  }

  protected outputShape(input: Shape): Shape {
    if (input.length < 2 || input[input.length - 1] !== this.channels) {
      throw new ShapeError(`GroupNorm: the input must be [N, …, ${this.channels}]; its shape is [${input}].`);
    }
    return input;
  }

  override details(): string {
    return `${this.groups} groups of ${this.channels}${this.weight ? '' : ', not affine'}`;
  }
}
