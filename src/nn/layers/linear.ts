import { linear } from '../../autograd/ops/linear.ts';
import type { Shape, Tensor } from '../../autograd/tensor.ts';
import { ShapeError } from '../../runtime/errors.ts';
import type { Gpu } from '../../runtime/gpu.ts';
import { type InitOptions, layerGenerator, uniformByFanIn } from '../init.ts';
import { Module } from '../module.ts';
import { Parameter } from '../parameter.ts';

/** Whether there is a bias, and what the first weights are drawn from. */
export interface LinearOptions extends InitOptions {
  /** Whether to learn a value to add to each output. Default true. */
  bias?: boolean;
}

/** Fully connected layer: [N, in] → [N, out]. PyTorch's first weights. */
export class Linear extends Module {
  /** [in, out]. */
  readonly weight: Parameter;
  /** [out]. */
  readonly bias: Parameter | undefined;

  constructor(gpu: Gpu, inFeatures: number, outFeatures: number, options: LinearOptions = {}) {
    super();
    const shape = [inFeatures, outFeatures];
    const { bias = true, generator = layerGenerator(gpu) } = options;
    const { initWeight = uniformByFanIn(shape), initBias = uniformByFanIn(shape) } = options;
    this.weight = new Parameter(gpu, initWeight(shape, generator), shape);
    this.bias = bias ? new Parameter(gpu, initBias([outFeatures], generator), [outFeatures]) : undefined;
  }

  forward(x: Tensor): Tensor {
    return linear(x, this.weight, this.bias);
  }

  protected outputShape(input: Shape): Shape {
    const [inFeatures, outFeatures] = this.weight.shape;
    if (input.length !== 2 || input[1] !== inFeatures) {
      throw new ShapeError(`Linear: the input must be [N, ${inFeatures}]; its shape is [${input}].`);
    }
    return [input[0], outFeatures];
  }

  override flops(input: Shape): number {
    return 2 * input[0] * this.weight.size;
  }

  override details(): string {
    return `${this.weight.shape.join(' → ')}${this.bias ? '' : ', no bias'}`;
  }
}
