import { gradcheck } from '../../autograd/gradcheck.ts';
import { conv2d } from '../../autograd/ops/conv2d.ts';
import { tensor } from '../../autograd/tensor.ts';
import type { Conv2dShape } from '../../kernels/conv2d.ts';
import type { Gpu } from '../../runtime/gpu.ts';
import { randomValues } from '../case_data.ts';
import { sizeOf } from '../exercise.ts';

/** Sizes of a convolution from those that are free. Pairs are [vertical, horizontal]. */
export function convolution(
  [n, h, w, ci]: readonly number[],
  [kh, kw, co]: readonly number[],
  [strideH, strideW]: readonly number[],
  [padH, padW]: readonly number[],
  [dilationH, dilationW]: readonly number[] = [1, 1],
): Conv2dShape {
  const oh = Math.floor((h + 2 * padH - dilationH * (kh - 1) - 1) / strideH) + 1;
  const ow = Math.floor((w + 2 * padW - dilationW * (kw - 1) - 1) / strideW) + 1;
  return { n, h, w, ci, co, kh, kw, strideH, strideW, padH, padW, dilationH, dilationW, oh, ow };
}

/** What the three passes are tried on: a stride, a border and a dilation each in one dimension alone, so that mixing the two up shows. */
export const TRIED = [
  convolution([2, 11, 8, 3], [3, 2, 5], [2, 1], [1, 0]),
  convolution([1, 9, 13, 3], [3, 3, 5], [1, 2], [2, 1], [2, 1]),
] as const;

/** For the stepper. */
export const SMALL = convolution([1, 3, 4, 2], [3, 2, 2], [2, 1], [1, 0]);

/** For the clock. */
export const TIMED = convolution([2, 18, 16, 16], [3, 3, 32], [1, 1], [1, 1]);

/** Of each pass; what meets the padding is counted as if it were computed. */
export const FLOPS = 2 * TIMED.n * TIMED.oh * TIMED.ow * TIMED.co * TIMED.kh * TIMED.kw * TIMED.ci;

/** The sizes as the shaders name them. */
export function paramsOf(s: Conv2dShape): Record<string, number> {
  const { n, h, w, ci, oh, ow, co, kh, kw } = s;
  return {
    ...{ n, h, w, ci, oh, ow, co, kh, kw },
    ...{ stride_h: s.strideH, stride_w: s.strideW, pad_h: s.padH, pad_w: s.padW },
    ...{ dilation_h: s.dilationH, dilation_w: s.dilationW },
  };
}

/** The sizes in words. */
export function titleOf(s: Conv2dShape): string {
  const parts = [
    `X [${s.n}, ${s.h}, ${s.w}, ${s.ci}], W [${s.kh}, ${s.kw}, ${s.ci}, ${s.co}]`,
    `stride ${s.strideH} × ${s.strideW}`,
  ];
  parts.push(`padding ${s.padH} × ${s.padW}`);
  if (s.dilationH > 1 || s.dilationW > 1) parts.push(`dilation ${s.dilationH} × ${s.dilationW}`);
  return parts.join(', ');
}

/** Calls `each` for all pixels of X that output (oh, ow) meets, by the tap that meets them. */
export function forEachTap(
  s: Conv2dShape,
  oh: number,
  ow: number,
  each: (ih: number, iw: number, kh: number, kw: number) => void,
): void {
  for (let kh = 0; kh < s.kh; kh++) {
    const ih = oh * s.strideH + kh * s.dilationH - s.padH;
    for (let kw = 0; kw < s.kw; kw++) {
      const iw = ow * s.strideW + kw * s.dilationW - s.padW;
      if (ih >= 0 && ih < s.h && iw >= 0 && iw < s.w) each(ih, iw, kh, kw);
    }
  }
}

/** gradcheck of a convolution in its naive version, whose gradients the kernel to be checked takes part in. which: the input that is checked. */
export async function gradcheckConvolution(gpu: Gpu, which: 'x' | 'weight'): Promise<number> {
  const { forcedRung } = gpu;
  gpu.forcedRung = 'naive';
  try {
    const s = convolution([2, 5, 4, 3], [3, 2, 2], [2, 1], [1, 0]);
    const of = (shape: number[], seed: number, requiresGrad: boolean) =>
      tensor(gpu, randomValues(sizeOf(shape), seed), shape, { requiresGrad });
    const x = of([s.n, s.h, s.w, s.ci], 1, which === 'x');
    const weight = of([s.kh, s.kw, s.ci, s.co], 2, which === 'weight');
    const options = { stride: [s.strideH, s.strideW], padding: [s.padH, s.padW] } as const;
    return await gradcheck((image, taps) => conv2d(image, taps, undefined, options), [x, weight], { elements: 24 });
  } finally {
    gpu.forcedRung = forcedRung;
  }
}
