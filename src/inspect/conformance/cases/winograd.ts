import { type Conv2dShape, conv2d, conv2dInputGrad, conv2dWeightGrad } from '../../../kernels/conv2d.ts';
import type { KernelCase, KernelFamily, Output } from '../kernel_case.ts';
import { randomValues } from '../random_values.ts';
import { winogradBounds } from '../winograd_bound.ts';
import { type ConvolutionSizes, convolutionByHand, convolutionShape } from './convolutions.ts';

function winogradCase(name: string, s: Conv2dShape, quick: boolean): KernelCase {
  return {
    name,
    quick,
    rungs: ['winograd'],
    prepare() {
      const x = randomValues(s.n * s.h * s.w * s.ci, 1);
      const weight = randomValues(9 * s.ci * s.co, 2);
      const bias = randomValues(s.co, 3);
      const dy = randomValues(s.n * s.oh * s.ow * s.co, 4);
      const { y, biased, dx, dw } = convolutionByHand(x, weight, dy, { ...s, groups: 1 }, bias);
      const bounds = winogradBounds(x, weight, dy, s);
      const { magnitudes, terms } = bounds.y;
      const withBias = Float64Array.from(magnitudes, (magnitude, i) => magnitude + Math.abs(bias[i % s.co]));
      return (gpu): Output[] => {
        const [gx, gw, gb, gdy] = [x, weight, bias, dy].map((values) => gpu.upload(values, 'check'));
        return [
          {
            name: 'y',
            run: () => conv2d(gx, gw, gb, s),
            values: biased.values,
            magnitudes: withBias,
            terms: terms + 1,
          },
          { name: 'y without bias', run: () => conv2d(gx, gw, undefined, s), values: y.values, ...bounds.y },
          { name: 'dx', run: () => conv2dInputGrad(gdy, gw, s), values: dx.values, ...bounds.dx },
          { name: 'dw', run: () => conv2dWeightGrad(gx, gdy, s), values: dw.values, ...bounds.dw },
        ];
      };
    },
  };
}

type Listed = readonly [name: string, sizes: Omit<ConvolutionSizes, 'k'> & { co: number }, quick?: 'quick'];

const CASES: Listed[] = [
  ['tiles of 4×4', { n: 2, h: 8, w: 8, ci: 16, co: 32, pad: 1 }],
  ['tiles of 4×4 over both edges', { n: 1, h: 7, w: 9, ci: 36, co: 44, pad: 1 }, 'quick'],
  ['tiles of 2×2', { n: 2, h: 6, w: 6, ci: 16, co: 8, pad: 1 }],
  ['tiles of 2×2 over both edges', { n: 3, h: 5, w: 5, ci: 20, co: 36, pad: 1 }, 'quick'],
  ['one pixel in all, four channels', { n: 1, h: 1, w: 1, ci: 4, co: 4, pad: 1 }],
  ['2×2 pixels', { n: 3, h: 2, w: 2, ci: 8, co: 4, pad: 1 }],
  ['3×3 pixels, two images', { n: 2, h: 3, w: 3, ci: 4, co: 12, pad: 1 }],
  ['images one pixel wide', { n: 3, h: 5, w: 1, ci: 16, co: 8, pad: 1 }],
  ['images one pixel high', { n: 2, h: 1, w: 11, ci: 8, co: 16, pad: 1 }],
  ['without padding', { n: 2, h: 6, w: 8, ci: 12, co: 8 }],
  ['without padding, one pixel out', { n: 1, h: 3, w: 3, ci: 4, co: 4 }],
  ['padding in width alone', { n: 1, h: 7, w: 4, ci: 8, co: 8, pad: [0, 1] }],
  ['as much padding as taps allow', { n: 2, h: 5, w: 6, ci: 8, co: 12, pad: 2 }],
  ['many tiles, several slices', { n: 5, h: 20, w: 19, ci: 8, co: 4, pad: 1 }],
  ['64 channels', { n: 1, h: 7, w: 6, ci: 64, co: 64, pad: 1 }, 'quick'],
  ['128 channels, few tiles', { n: 1, h: 3, w: 4, ci: 128, co: 128, pad: 1 }, 'quick'],
  ['128 channels, many images of one pixel', { n: 64, h: 1, w: 1, ci: 128, co: 128, pad: 1 }, 'quick'],
];

export const WINOGRAD: KernelFamily = {
  kernels: 'winograd',
  cases: CASES.map(([name, sizes, quick]) =>
    winogradCase(name, convolutionShape({ ...sizes, k: 3, groups: 1 }), quick === 'quick'),
  ),
};
