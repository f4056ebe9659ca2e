import { mul } from '../../autograd/ops/arithmetic.ts';
import { normalizeRows } from '../../autograd/ops/embedding_losses.ts';
import { matmul } from '../../autograd/ops/matmul.ts';
import { transpose } from '../../autograd/ops/shape.ts';
import type { Shape, Tensor } from '../../autograd/tensor.ts';
import type { Gpu } from '../../runtime/gpu.ts';
import type { Philox } from '../../runtime/philox.ts';
import { type InitOptions, uniform } from '../init.ts';
import { Parameter, PersistentBuffer } from '../parameter.ts';
import { Linear } from './linear.ts';

/** The paper's factor of the cosines. */
export const COSINE_SCALE = 30;

/** Settings of `CosineLinear`. */
export interface CosineLinearOptions extends Pick<InitOptions, 'generator'> {
  /** Factor of the cosines: a number above 0, or 'learned', which begins at 30. Default 30. */
  scale?: number | 'learned';
}

/**
 * A last layer whose outputs are cosines: of the angle between an input [N, in] and the weights of each class, times a scale: [N, out]. Lengths count
 * for nothing, of inputs and of weights, so a class with many images cannot win by long weights. No bias.
 * Throws RangeError for a scale that is no number above 0.
 * Source: Cao et al., "Learning imbalanced datasets with label-distribution-aware margin loss", NeurIPS 2019 (its normalised last layer, s = 30).
 */
export class CosineLinear extends Linear {
  /** [1], part of the weights' file also where it is not learned. */
  readonly scale: Parameter | PersistentBuffer;

  constructor(gpu: Gpu, inFeatures: number, outFeatures: number, options: CosineLinearOptions = {}) {
    super(gpu, inFeatures, outFeatures, { generator: options.generator, bias: false, initWeight: unitColumns });
    const { scale: given = COSINE_SCALE } = options;
    if (given !== 'learned' && !(given > 0 && Number.isFinite(given))) {
      throw new RangeError(`CosineLinear: scale must be a number above 0 or 'learned', not ${given}.`);
    }
    this.scale =
      given === 'learned'
        ? new Parameter(gpu, Float32Array.of(COSINE_SCALE), [1])
        : new PersistentBuffer(gpu, Float32Array.of(given), [1]);
  }

  override forward(x: Tensor): Tensor {
    const directions = normalizeRows(transpose(this.weight, 0, 1));
    return mul(matmul(normalizeRows(x), directions, { transposeB: true }), this.scale);
  }

  override details(): string {
    return `${this.weight.shape.join(' → ')}, cosines${this.scale instanceof Parameter ? ', learned scale' : ''}`;
  }
}

/** Columns of length 1, evenly over no direction in particular: each of uniform numbers. */
function unitColumns(shape: Shape, generator: Philox): Float32Array {
  const [rows, columns] = shape;
  const values = uniform(shape, 1, generator);
  for (let c = 0; c < columns; c++) {
    let squares = 0;
    for (let r = 0; r < rows; r++) squares += values[r * columns + c] ** 2;
    for (let r = 0; r < rows; r++) values[r * columns + c] /= Math.sqrt(squares);
  }
  return values;
}
