import * as kernels from '../../kernels/pad2d.ts';
import { ShapeError } from '../../runtime/errors.ts';
import { record } from '../record.ts';
import type { Shape, Tensor } from '../tensor.ts';
import { checkNotEmpty } from './window.ts';

/** Pixels of border: [left, right, top, bottom], or one number for all sides. */
export type Padding2d = number | readonly [left: number, right: number, top: number, bottom: number];

/** What `pad2d` puts around images. */
export interface Pad2dOptions {
  /** 'constant': a value; 'reflect': the image in a mirror at its outermost pixels; 'replicate': the nearest pixel. Default 'constant'. */
  mode?: kernels.PadMode;
  /** The value of mode 'constant'. Default 0. */
  value?: number;
}

/** All four numbers of a border. Throws ShapeError, naming the operation, unless they are integers of at least 0. */
export function fourSides(operation: string, padding: Padding2d): readonly [number, number, number, number] {
  const sides = typeof padding === 'number' ? ([padding, padding, padding, padding] as const) : padding;
  if (sides.length !== 4 || !sides.every((size) => Number.isInteger(size) && size >= 0)) {
    throw new ShapeError(
      `${operation}: padding must be an integer of at least 0, or four of them, [left, right, top, bottom]; it is ${JSON.stringify(padding)}.`,
    );
  }
  return sides;
}

/** The sizes of a padding of images. Throws ShapeError, naming the operation, where it does not fit them. */
export function pad2dShape(operation: string, x: Shape, padding: Padding2d, mode: kernels.PadMode): kernels.Pad2dShape {
  if (x.length !== 4) throw new ShapeError(`${operation}: the input must be [N, H, W, C]; its shape is [${x}].`);
  checkNotEmpty(operation, x);
  const [n, h, w, c] = x;
  const [left, right, top, bottom] = fourSides(operation, padding);
  if (mode === 'reflect' && (Math.max(left, right) >= w || Math.max(top, bottom) >= h)) {
    throw new ShapeError(
      `${operation}: a border by reflection must be less wide than the image; it is [${[left, right, top, bottom].join(', ')}] around [${x}].`,
    );
  }
  return { n, h, w, c, oh: top + h + bottom, ow: left + w + right, top, left, mode };
}

/**
 * Images with a border: x [N, H, W, C] → [N, top + H + bottom, left + W + right, C]. padding: [left, right, top, bottom] in pixels, as PyTorch's
 * `pad` takes the last two axes of its images. dx = the sum of dy over all places that came from x's.
 * Throws ShapeError where the padding does not fit. `pad` puts zeros around any dimension.
 */
export function pad2d(x: Tensor, padding: Padding2d, { mode = 'constant', value = 0 }: Pad2dOptions = {}): Tensor {
  const s = pad2dShape('pad2d', x.shape, padding, mode);
  return record('pad2d', {
    inputs: [x],
    output: kernels.pad2d(x.buffer, s, value),
    shape: [s.n, s.oh, s.ow, s.c],
    backward: (dy) => [kernels.pad2dGrad(dy, s)],
  });
}
