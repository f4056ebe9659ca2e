import * as kernels from '../../kernels/upsample.ts';
import { ShapeError } from '../../runtime/errors.ts';
import { record } from '../record.ts';
import type { Shape, Tensor } from '../tensor.ts';
import { checkNotEmpty, pair, type Size2d } from './window.ts';

/** What size `interpolate` gives images, and how. */
export interface InterpolateOptions {
  /** Height and width of the result, in pixels. Either this or `scaleFactor` is given. */
  size?: Size2d;
  /** How many times the old height and width the new ones are, rounded down. */
  scaleFactor?: Size2d;
  /** 'nearest': the nearest old pixel; 'bilinear': between the four around. Default 'nearest'. */
  mode?: 'nearest' | 'bilinear';
  /** For 'bilinear': whether the outermost pixels of both sizes meet, or their outermost edges. Default false. */
  alignCorners?: boolean;
}

/** Throws ShapeError, naming the operation, for options that do not go together. */
export function checkInterpolation(operation: string, options: InterpolateOptions): void {
  const { size, scaleFactor, mode = 'nearest', alignCorners = false } = options;
  if ((size === undefined) === (scaleFactor === undefined)) {
    throw new ShapeError(`${operation}: give either size or scaleFactor.`);
  }
  if (size !== undefined) pair(operation, 'size', size, 1);
  const factors = typeof scaleFactor === 'number' ? [scaleFactor] : (scaleFactor ?? []);
  if (!factors.every((factor) => factor > 0 && Number.isFinite(factor))) {
    throw new ShapeError(
      `${operation}: scaleFactor must be a number above 0, or two of them; it is ${JSON.stringify(scaleFactor)}.`,
    );
  }
  if (alignCorners && mode === 'nearest') {
    throw new ShapeError(`${operation}: alignCorners is for mode 'bilinear'; the mode is 'nearest'.`);
  }
}

/** The sizes of a change of size. Throws ShapeError, naming the operation, where it does not fit the images. */
export function interpolatedShape(operation: string, x: Shape, options: InterpolateOptions): kernels.UpsampleShape {
  checkInterpolation(operation, options);
  if (x.length !== 4) throw new ShapeError(`${operation}: the input must be [N, H, W, C]; its shape is [${x}].`);
  checkNotEmpty(operation, x);
  const { size, scaleFactor = 1, mode = 'nearest', alignCorners = false } = options;
  const [n, h, w, c] = x;
  const factors = typeof scaleFactor === 'number' ? [scaleFactor, scaleFactor] : scaleFactor;
  const given = size === undefined ? undefined : pair(operation, 'size', size, 1);
  const [oh, ow] = given ?? [Math.floor(h * factors[0]), Math.floor(w * factors[1])];
  if (oh < 1 || ow < 1) {
    throw new ShapeError(`${operation}: scaleFactor ${JSON.stringify(scaleFactor)} leaves nothing of [${x}].`);
  }
  // Where a factor is given it counts, not the quotient of the sizes, which rounding down may have changed: PyTorch's default.
  const scale = (from: number, to: number, d: 0 | 1) => {
    if (alignCorners) return to > 1 ? (from - 1) / (to - 1) : 0;
    return given ? from / to : 1 / factors[d];
  };
  return { n, h, w, c, oh, ow, scaleH: scale(h, oh, 0), scaleW: scale(w, ow, 1), mode, alignCorners };
}

/**
 * Images in another size: x [N, H, W, C] → [N, OH, OW, C]. PyTorch's interpolate, with its places: by the nearest pixel, new row oh takes the old
 * row ⌊oh · H / OH⌋; bilinear, it lies at (oh + ½) · H / OH − ½ among them, or with `alignCorners` at oh · (H − 1) / (OH − 1). Each old pixel gets the dy
 * of those that it is in, times its shares. Smaller images are not smoothed before. Throws ShapeError where the options do not fit.
 */
export function interpolate(x: Tensor, options: InterpolateOptions): Tensor {
  const s = interpolatedShape('interpolate', x.shape, options);
  return record('interpolate', {
    inputs: [x],
    output: kernels.upsample(x.buffer, s),
    shape: [s.n, s.oh, s.ow, s.c],
    backward: (dy) => [kernels.upsampleGrad(dy, s)],
  });
}
