import {
  checkInterpolation,
  type InterpolateOptions,
  interpolate,
  interpolatedShape,
} from '../../autograd/ops/interpolate.ts';
import type { Shape, Tensor } from '../../autograd/tensor.ts';
import { Module } from '../module.ts';

/** Images in another size, larger as a rule: [N, H, W, C] → [N, OH, OW, C], by the nearest pixel or bilinear. See `interpolate`. */
export class Upsample extends Module {
  readonly options: Readonly<InterpolateOptions>;

  /** Throws ShapeError where the options do not go together. */
  constructor(options: InterpolateOptions) {
    super();
    checkInterpolation('Upsample', options);
    this.options = options;
  }

  forward(x: Tensor): Tensor {
    return interpolate(x, this.options);
  }

  protected outputShape(input: Shape): Shape {
    const { n, oh, ow, c } = interpolatedShape('Upsample', input, this.options);
    return [n, oh, ow, c];
  }

  override details(): string {
    const { size, scaleFactor, mode = 'nearest', alignCorners = false } = this.options;
    const both = (v: number | readonly number[] | undefined) => (typeof v === 'number' ? `${v}` : v?.join('×'));
    const by = size === undefined ? `factor ${both(scaleFactor)}` : `to ${both(size)}`;
    return `${by}, ${mode}${alignCorners ? ', corners aligned' : ''}`;
  }
}
