import type { Conv2dShape } from '../../kernels/conv2d.ts';

/** A convolution of square images with square windows, padded so that stride 1 keeps the size. */
export interface Layer {
  batch: number;
  /** Height and width of the input. */
  size: number;
  from: number;
  to: number;
  kernel: number;
  stride?: number;
}

/** Its sizes as the kernels take them. */
export function shapeOf({ batch, size, from, to, kernel, stride = 1 }: Layer): Conv2dShape {
  const pad = kernel >> 1;
  const out = Math.floor((size + 2 * pad - kernel) / stride) + 1;
  return {
    ...{ n: batch, h: size, w: size, ci: from, co: to, kh: kernel, kw: kernel },
    ...{ strideH: stride, strideW: stride, padH: pad, padW: pad, dilationH: 1, dilationW: 1, oh: out, ow: out },
  };
}

/** Its window in words. */
export function layerText({ kernel, stride = 1 }: Layer): string {
  return `${kernel}×${kernel}${stride > 1 ? ` stride ${stride}` : ''}`;
}
