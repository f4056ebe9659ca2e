import { afterEach, describe, expect, it } from 'vitest';
import {
  depthwiseConv2d,
  depthwiseConv2dInputGrad,
  depthwiseConv2dWeightGrad,
} from '../../src/kernels/depthwise_conv2d.ts';
import {
  type GroupedConv2dShape,
  groupedConv2d,
  groupedConv2dInputGrad,
  groupedConv2dWeightGrad,
} from '../../src/kernels/grouped_conv2d.ts';
import type { Rung } from '../../src/runtime/rungs.ts';
import { randomValues, relativeError, useGpu } from '../gpu.ts';
import * as reference from '../reference/grouped_conv2d.ts';

const held = useGpu();
afterEach(() => {
  held.gpu.forcedRung = undefined;
});

/** Sums of up to 2,000 random terms, whose roundings of 6e-8 add like their square root: 3e-6, relative to the largest output. */
const TOLERANCE = 5e-6;

interface Sizes {
  n: number;
  h: number;
  w: number;
  ci: number;
  co?: number;
  groups?: number;
  k: number | readonly [number, number];
  stride?: number | readonly [number, number];
  pad?: number | readonly [number, number];
  dilation?: number | readonly [number, number];
}

function shape({ n, h, w, ci, co = ci, groups = ci, k, stride = 1, pad = 0, dilation = 1 }: Sizes): GroupedConv2dShape {
  const two = (v: Sizes['k']) => (typeof v === 'number' ? ([v, v] as const) : v);
  const [[kh, kw], [strideH, strideW], [padH, padW]] = [two(k), two(stride), two(pad)];
  const [dilationH, dilationW] = two(dilation);
  const oh = Math.floor((h + 2 * padH - dilationH * (kh - 1) - 1) / strideH) + 1;
  const ow = Math.floor((w + 2 * padW - dilationW * (kw - 1) - 1) / strideW) + 1;
  return { n, h, w, ci, co, groups, kh, kw, strideH, strideW, padH, padW, dilationH, dilationW, oh, ow };
}

const DEPTHWISE: [string, GroupedConv2dShape][] = [
  ['3×3', shape({ n: 2, h: 8, w: 8, ci: 16, k: 3, pad: 1 })],
  ['5×5', shape({ n: 3, h: 9, w: 7, ci: 12, k: 5, pad: 2 })],
  ['3×3 stride 2', shape({ n: 2, h: 16, w: 15, ci: 8, k: 3, stride: 2, pad: 1 })],
  ['5×5 stride 2', shape({ n: 2, h: 8, w: 9, ci: 8, k: 5, stride: 2, pad: 2 })],
  ['channels no multiple of 4', shape({ n: 2, h: 6, w: 5, ci: 7, k: 3, pad: 1 })],
  ['batch 1, one pixel out', shape({ n: 1, h: 3, w: 3, ci: 4, k: 3 })],
  ['one pixel, most taps on padding', shape({ n: 5, h: 1, w: 1, ci: 12, k: 5, pad: 2 })],
  ['2×2 pixels, 5×5', shape({ n: 3, h: 2, w: 2, ci: 20, k: 5, pad: 2 })],
  ['2×2 pixels, 5×5 stride 2', shape({ n: 3, h: 2, w: 2, ci: 20, k: 5, stride: 2, pad: 2 })],
  ['1×1', shape({ n: 2, h: 5, w: 7, ci: 8, k: 1 })],
  ['7×7 stride 3', shape({ n: 1, h: 15, w: 13, ci: 4, k: 7, stride: 3, pad: 3 })],
  ['stride wider than the window', shape({ n: 2, h: 10, w: 11, ci: 4, k: 1, stride: 3 })],
  ['padding wider than needed', shape({ n: 1, h: 4, w: 4, ci: 8, k: 3, pad: 3 })],
  [
    'window, stride and padding by dimension',
    shape({ n: 2, h: 7, w: 9, ci: 8, k: [3, 5], stride: [2, 1], pad: [0, 2] }),
  ],
  ['rows behind the last window', shape({ n: 2, h: 8, w: 8, ci: 4, k: 3, stride: 2 })],
  ['two outputs to a channel', shape({ n: 2, h: 6, w: 5, ci: 6, co: 12, k: 3, stride: 2, pad: 1 })],
  ['many pixels, several slices', shape({ n: 7, h: 19, w: 18, ci: 4, k: 3, pad: 1 })],
  ['rows wider than subgroups', shape({ n: 2, h: 3, w: 75, ci: 8, k: 3, pad: 1 })],
  ['rows wider than subgroups, stride 2', shape({ n: 1, h: 4, w: 141, ci: 4, k: 5, stride: 2, pad: 2 })],
  ['two outputs to a lane of 8', shape({ n: 3, h: 3, w: 16, ci: 12, k: 5, pad: 2 })],
  ['four outputs to a lane of 8', shape({ n: 2, h: 5, w: 27, ci: 4, k: 5, pad: 1 })],
  ['four outputs to a lane of 8, stride 2', shape({ n: 2, h: 5, w: 49, ci: 4, k: 5, stride: 2, pad: 3 })],
  ['as much padding as taps allow', shape({ n: 2, h: 6, w: 5, ci: 8, k: 5, pad: 4 })],
  ['as much padding as taps allow, stride 2', shape({ n: 2, h: 7, w: 6, ci: 8, k: 5, stride: 2, pad: 4 })],
  ['5×5 without padding', shape({ n: 2, h: 9, w: 8, ci: 8, k: 5 })],
  ['many images', shape({ n: 67, h: 4, w: 3, ci: 4, k: 3, pad: 1 })],
  ['dilation 2', shape({ n: 2, h: 8, w: 7, ci: 8, k: 3, pad: 2, dilation: 2 })],
  ['dilation 3 by 1, stride 2', shape({ n: 1, h: 9, w: 10, ci: 4, k: 3, stride: 2, pad: 1, dilation: [3, 1] })],
  ['dilation 2 by 3, several slices', shape({ n: 3, h: 17, w: 19, ci: 12, k: 3, pad: 2, dilation: [2, 3] })],
  ['dilation 2, channels no multiple of 4', shape({ n: 2, h: 8, w: 7, ci: 6, k: 3, pad: 2, dilation: 2 })],
  ['dilation 2, two outputs to a channel', shape({ n: 2, h: 8, w: 7, ci: 4, co: 8, k: 3, pad: 2, dilation: 2 })],
  ['2×2 that keeps the size', { ...shape({ n: 2, h: 6, w: 5, ci: 8, k: 2 }), oh: 6, ow: 5 }],
  ['4×4 that keeps the size', { ...shape({ n: 3, h: 5, w: 7, ci: 8, k: 4, pad: 1 }), oh: 5, ow: 7 }],
];

const GROUPED: [string, GroupedConv2dShape][] = [
  ['3×3', shape({ n: 2, h: 7, w: 5, ci: 16, co: 8, groups: 2, k: 3, pad: 1 })],
  ['3×3 stride 2, three groups', shape({ n: 1, h: 9, w: 8, ci: 12, co: 24, groups: 3, k: 3, stride: 2, pad: 1 })],
  ['odd channels', shape({ n: 2, h: 6, w: 5, ci: 10, co: 15, groups: 5, k: 3, pad: 1 })],
  ['1×1', shape({ n: 3, h: 4, w: 4, ci: 8, co: 8, groups: 2, k: 1 })],
  ['dilation 2', shape({ n: 2, h: 7, w: 6, ci: 8, co: 16, groups: 2, k: 3, pad: 2, dilation: 2 })],
  [
    'dilation 2 by 3, stride 2 by 3, odd channels',
    shape({ n: 1, h: 9, w: 11, ci: 6, co: 9, groups: 3, k: 3, stride: [2, 3], pad: 1, dilation: [2, 3] }),
  ],
  ['4×4 that keeps the size', { ...shape({ n: 1, h: 5, w: 7, ci: 8, co: 8, groups: 2, k: 4, pad: 1 }), oh: 5, ow: 7 }],
  ['5×5 stride 2', shape({ n: 2, h: 11, w: 10, ci: 8, co: 16, groups: 2, k: 5, stride: 2, pad: 2 })],
  ['window by dimension', shape({ n: 1, h: 8, w: 9, ci: 8, co: 8, groups: 2, k: [1, 3], stride: [2, 1], pad: [0, 1] })],
];

const families = [
  {
    ...{ family: 'depthwise_conv2d', groups: 16, cases: DEPTHWISE, rungs: ['naive', 'tiled', 'subgroup'] as const },
    passes: { y: depthwiseConv2d, dx: depthwiseConv2dInputGrad, dw: depthwiseConv2dWeightGrad },
  },
  {
    ...{ family: 'grouped_conv2d', groups: 4, cases: GROUPED, rungs: ['naive', undefined] as const },
    passes: { y: groupedConv2d, dx: groupedConv2dInputGrad, dw: groupedConv2dWeightGrad },
  },
];

describe.each(families)('$family', ({ cases, groups, rungs, passes }) => {
  describe.each<Rung | undefined>(rungs)('rung %s', (rung) => {
    it.each(cases)('%s: forward and gradients against float64', async (_, s) => {
      const { gpu } = held;
      gpu.forcedRung = rung;
      const x = randomValues(s.n * s.h * s.w * s.ci, 1);
      const weight = randomValues((s.kh * s.kw * s.ci * s.co) / s.groups, 2);
      const bias = randomValues(s.co, 3);
      const dy = randomValues(s.n * s.oh * s.ow * s.co, 4);
      await gpu.scope(async () => {
        const [gx, gw, gb, gdy] = [x, weight, bias, dy].map((values) => gpu.upload(values, 'test'));
        const results = {
          y: passes.y(gx, gw, gb, s),
          plain: passes.y(gx, gw, undefined, s),
          dx: passes.dx(gdy, gw, s),
          dw: passes.dw(gx, gdy, s),
        };
        const expected = {
          y: reference.groupedConv2d(x, weight, bias, s),
          plain: reference.groupedConv2d(x, weight, undefined, s),
          dx: reference.groupedConv2dInputGrad(dy, weight, s),
          dw: reference.groupedConv2dWeightGrad(x, dy, s),
        };
        for (const name of ['y', 'plain', 'dx', 'dw'] as const) {
          expect(relativeError(await results[name].read(), expected[name]), name).toBeLessThan(TOLERANCE);
        }
      });
    });
  });

  it('gives the same weight gradient, bit for bit, on every run', async () => {
    const { gpu } = held;
    const s = shape({ n: 4, h: 16, w: 16, ci: 16, groups, k: 3, pad: 1 });
    const x = gpu.upload(randomValues(s.n * s.h * s.w * s.ci, 1), 'test');
    const dy = gpu.upload(randomValues(s.n * s.oh * s.ow * s.co, 2), 'test');
    expect(await passes.dw(x, dy, s).read()).toEqual(await passes.dw(x, dy, s).read());
  });
});

describe('a value that is no number', () => {
  // Lanes of a subgroup hold neighbouring columns and channels: what one of them holds must reach no output of another's.
  it.each(['naive', 'tiled', 'subgroup'] as const)(
    'reaches the outputs above it and no others: rung %s',
    async (rung) => {
      const { gpu } = held;
      gpu.forcedRung = rung;
      for (const s of [
        shape({ n: 2, h: 4, w: 4, ci: 16, k: 3, pad: 1 }),
        shape({ n: 2, h: 8, w: 8, ci: 8, k: 5, stride: 2, pad: 2 }),
      ]) {
        const x = randomValues(s.n * s.h * s.w * s.ci, 1);
        const weight = randomValues(s.kh * s.kw * s.co, 2);
        const dy = randomValues(s.n * s.oh * s.ow * s.co, 3);
        // The last pixel of a row, in the last image's channel 5.
        x[((s.n - 1) * s.h * s.w + 2 * s.w - 1) * s.ci + 5] = Number.NaN;
        const [gx, gw, gdy] = [x, weight, dy].map((values) => gpu.upload(values, 'test'));
        const lost = (values: ArrayLike<number>) => Array.from(values, Number.isNaN);
        const [y, dw] = [depthwiseConv2d(gx, gw, undefined, s), depthwiseConv2dWeightGrad(gx, gdy, s)];
        expect(lost(await y.read())).toEqual(lost(reference.groupedConv2d(x, weight, undefined, s)));
        expect(lost(await dw.read())).toEqual(lost(reference.groupedConv2dWeightGrad(x, dy, s)));
      }
    },
  );
});
