import { afterEach, describe, expect, it } from 'vitest';
import {
  type Conv2dShape,
  conv2d,
  conv2dBiasGrad,
  conv2dInputGrad,
  conv2dWeightGrad,
} from '../../src/kernels/conv2d.ts';
import { RUNGS } from '../../src/runtime/rungs.ts';
import { randomValues, relativeError, useGpu } from '../gpu.ts';
import * as reference from '../reference/conv2d.ts';

const held = useGpu();
afterEach(() => {
  held.gpu.forcedRung = undefined;
});

/**
 * A float32 sum of k products in any order errs by at most about k·2⁻²⁴ of the sum of their magnitudes; the sums here are of up to 2,304
 * random terms, whose errors add like their square root: 48 · 6e-8 ≈ 3e-6, relative to the largest output.
 */
const TOLERANCE = 1e-5;

function shape(n: number, h: number, w: number, ci: number, co: number, k: number, stride = 1, pad = 0): Conv2dShape {
  const size = (length: number) => Math.floor((length + 2 * pad - k) / stride) + 1;
  const steps = { strideH: stride, strideW: stride, dilationH: 1, dilationW: 1 };
  const s = { n, h, w, ci, co, kh: k, kw: k, ...steps, padH: pad, padW: pad };
  return { ...s, oh: size(h), ow: size(w) };
}

const cases: [string, Conv2dShape][] = [
  ['3×3 of the first layer', shape(2, 9, 7, 3, 16, 3, 1, 1)],
  ['3×3', shape(2, 8, 8, 16, 32, 3, 1, 1)],
  ['channels beyond one subgroup', shape(1, 5, 6, 36, 44, 3, 1, 1)],
  ['odd channels', shape(2, 6, 5, 5, 7, 3, 1, 1)],
  ['input channels no multiple of 4', shape(3, 7, 7, 6, 8, 3, 2, 1)],
  ['output channels no multiple of 4', shape(1, 7, 7, 8, 10, 3, 1, 1)],
  ['stride 2', shape(2, 9, 8, 8, 12, 3, 2, 1)],
  ['stride 3 without padding', shape(2, 11, 10, 4, 8, 3, 3, 0)],
  ['1×1', shape(2, 5, 7, 12, 20, 1)],
  ['1×1 stride 2', shape(2, 7, 7, 8, 16, 1, 2)],
  ['7×7 stride 2', shape(1, 15, 13, 3, 8, 7, 2, 3)],
  ['batch 1, one pixel out', shape(1, 3, 3, 4, 4, 3)],
  ['stride wider than the image', shape(2, 2, 5, 4, 8, 1, 3)],
  ['stride 3 with padding, kernel 4', shape(1, 10, 11, 8, 4, 4, 3, 2)],
  ['padding wider than needed', shape(1, 4, 4, 4, 8, 3, 1, 3)],
  ['many pixels, several slices', shape(5, 20, 19, 8, 8, 3, 1, 1)],
  ['3×3 that keeps the width, channels no multiple of 16', shape(2, 5, 7, 20, 12, 3, 1, 1)],
  ['3×3, four output channels', shape(1, 6, 5, 16, 4, 3, 1, 1)],
  ['3×3 on images one pixel wide', shape(3, 5, 1, 16, 8, 3, 1, 1)],
  ['3×3, one pixel in all', shape(1, 1, 1, 16, 8, 3, 1, 1)],
  ['3×3, several slices of whole rows of taps', shape(5, 20, 19, 16, 8, 3, 1, 1)],
  ['5×5 that keeps the size', shape(2, 6, 7, 8, 12, 5, 1, 2)],
  ['7×7 that keeps the size', shape(1, 6, 5, 4, 8, 7, 1, 3)],
  ['7×7 of the first layer, several slices', shape(3, 17, 15, 3, 8, 7, 2, 3)],
  ['1×1 stride 2, several slices', shape(4, 25, 23, 16, 8, 1, 2)],
  [
    'stride in height alone',
    { ...shape(2, 9, 8, 16, 8, 3, 1, 1), kh: 2, strideH: 2, strideW: 1, padH: 0, padW: 1, oh: 4, ow: 8 },
  ],
  [
    'stride and kernel by dimension',
    { ...shape(2, 8, 9, 4, 8, 3), kh: 1, strideH: 2, strideW: 1, padH: 0, padW: 1, oh: 4, ow: 9 },
  ],
];

/** With taps `dilation` pixels apart. */
function dilated(s: Conv2dShape, dilationH: number, dilationW = dilationH): Conv2dShape {
  const positions = (size: number, pad: number, k: number, stride: number, dilation: number) =>
    Math.floor((size + 2 * pad - dilation * (k - 1) - 1) / stride) + 1;
  const oh = positions(s.h, s.padH, s.kh, s.strideH, dilationH);
  return { ...s, dilationH, dilationW, oh, ow: positions(s.w, s.padW, s.kw, s.strideW, dilationW) };
}

cases.push(
  ['dilation 2 that keeps the size', dilated(shape(2, 8, 7, 16, 12, 3, 1, 2), 2)],
  ['dilation 2 of the first layer', dilated(shape(2, 9, 7, 3, 8, 3, 1, 2), 2)],
  ['dilation 3, channels beyond one subgroup', dilated(shape(1, 9, 8, 36, 44, 3, 1, 1), 3)],
  ['dilation 2, odd channels', dilated(shape(2, 7, 8, 5, 7, 3, 1, 1), 2)],
  ['dilation 2, stride 2', dilated(shape(2, 9, 10, 8, 12, 3, 2, 2), 2)],
  ['dilation 2, stride 3', dilated(shape(1, 13, 11, 4, 8, 4, 3, 3), 2)],
  ['dilation 3, stride 2, input channels no multiple of 4', dilated(shape(2, 11, 9, 6, 8, 3, 2, 1), 3)],
  ['dilation in width alone', dilated(shape(2, 6, 9, 16, 8, 3, 1, 1), 1, 2)],
  ['dilation in width alone, which keeps the size', dilated({ ...shape(2, 6, 9, 16, 8, 3, 1, 1), padW: 2 }, 1, 2)],
  ['dilation in height alone, which keeps the width', dilated(shape(2, 9, 6, 16, 8, 3, 1, 1), 2, 1)],
  ['dilation 2, more padding than the window spans', dilated(shape(1, 4, 5, 8, 8, 3, 1, 6), 2)],
  ['dilation 2, several slices', dilated(shape(4, 21, 19, 16, 8, 3, 1, 2), 2)],
  // Padding 'same' of an even window: the odd pixel behind.
  ['2×2 that keeps the size', { ...shape(2, 5, 6, 16, 8, 2), oh: 5, ow: 6 }],
  ['4×4 with dilation 3 that keeps the size', { ...dilated(shape(1, 9, 11, 8, 12, 4, 1, 4), 3), oh: 9, ow: 11 }],
  ['2×4 of the first layer that keeps the size', { ...shape(2, 6, 5, 3, 8, 4, 1, 1), kh: 2, padH: 0, oh: 6, ow: 5 }],
);

describe.each(RUNGS)('conv2d, %s rung', (rung) => {
  it.each(cases)('%s: forward and gradients against float64', async (_, s) => {
    const { gpu } = held;
    gpu.forcedRung = rung;
    const x = randomValues(s.n * s.h * s.w * s.ci, 1);
    const weight = randomValues(s.kh * s.kw * s.ci * s.co, 2);
    const bias = randomValues(s.co, 3);
    const dy = randomValues(s.n * s.oh * s.ow * s.co, 4);
    await gpu.scope(async () => {
      const [gx, gw, gb, gdy] = [x, weight, bias, dy].map((values) => gpu.upload(values, 'test'));
      const results = {
        y: conv2d(gx, gw, gb, s),
        yPlain: conv2d(gx, gw, undefined, s),
        dx: conv2dInputGrad(gdy, gw, s),
        dw: conv2dWeightGrad(gx, gdy, s),
        db: conv2dBiasGrad(gdy, s),
      };
      const db = new Float64Array(s.co);
      dy.forEach((value, i) => {
        db[i % s.co] += value;
      });
      expect(relativeError(await results.y.read(), reference.conv2d(x, weight, bias, s))).toBeLessThan(TOLERANCE);
      expect(relativeError(await results.yPlain.read(), reference.conv2d(x, weight, undefined, s))).toBeLessThan(
        TOLERANCE,
      );
      expect(relativeError(await results.dx.read(), reference.conv2dInputGrad(dy, weight, s))).toBeLessThan(TOLERANCE);
      expect(relativeError(await results.dw.read(), reference.conv2dWeightGrad(x, dy, s))).toBeLessThan(TOLERANCE);
      expect(relativeError(await results.db.read(), db)).toBeLessThan(TOLERANCE);
    });
  });
});

it('gives the same bits on every run', async () => {
  const { gpu } = held;
  const s = shape(4, 16, 16, 16, 16, 3, 1, 1);
  const x = gpu.upload(randomValues(s.n * s.h * s.w * s.ci, 1), 'test');
  const dy = gpu.upload(randomValues(s.n * s.oh * s.ow * s.co, 2), 'test');
  const first = await conv2dWeightGrad(x, dy, s).read();
  const second = await conv2dWeightGrad(x, dy, s).read();
  expect(second).toEqual(first);
});
