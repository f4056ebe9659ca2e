import { checkNormalizedShape, layerNorm } from '../../autograd/ops/group_norm.ts';
import { type Shape, sizeOf, type Tensor } from '../../autograd/tensor.ts';
import type { Gpu } from '../../runtime/gpu.ts';
import { Module } from '../module.ts';
import { Parameter } from '../parameter.ts';

/** Settings of `LayerNorm`. */
export interface LayerNormOptions {
  /** Added to the variance under the root. Default 1e-5. */
  eps?: number;
  /** Whether to learn a factor and a value to add for each element of what is normalised. Default true. */
  elementwiseAffine?: boolean;
  /** Whether to learn the value to add, where it learns the factor. Default true. */
  bias?: boolean;
}

/**
 * Layer normalisation over the last axes, whose sizes normalizedShape says: of images [N, H, W, C], C normalises each pixel over its channels,
 * [H, W, C] each image as a whole. PyTorch's defaults. See `layerNorm`.
 *
 * Over one axis, weights read from and written to files are PyTorch's. Over more, its layout there is that of other parameters of so many
 * dimensions (src/nn/weights/layout.ts).
 */
export class LayerNorm extends Module {
  /** Of the normalised axes' shape, at first 1. */
  readonly weight: Parameter | undefined;
  /** Of the normalised axes' shape, at first 0. */
  readonly bias: Parameter | undefined;
  readonly normalizedShape: Shape;
  readonly eps: number;

  constructor(gpu: Gpu, normalizedShape: number | Shape, options: LayerNormOptions = {}) {
    super();
    const { eps = 1e-5, elementwiseAffine = true, bias = true } = options;
    const shape = typeof normalizedShape === 'number' ? [normalizedShape] : [...normalizedShape];
    const size = sizeOf(shape);
    this.weight = elementwiseAffine ? new Parameter(gpu, new Float32Array(size).fill(1), shape) : undefined;
    this.bias = elementwiseAffine && bias ? new Parameter(gpu, new Float32Array(size), shape) : undefined;
    this.normalizedShape = shape;
    this.eps = eps;
  }

  forward(x: Tensor): Tensor {
    const { weight, bias, eps } = this;
    return layerNorm(x, this.normalizedShape, { weight, bias, eps });
  }

  protected outputShape(input: Shape): Shape {
    checkNormalizedShape('LayerNorm', input, this.normalizedShape);
    return input;
  }

  override details(): string {
    const missing = this.weight === undefined ? ', not affine' : this.bias === undefined ? ', no bias' : '';
    return `${this.normalizedShape.join('×')}${missing}`;
  }
}
