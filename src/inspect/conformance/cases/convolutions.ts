import {
  type Conv2dShape,
  conv2d,
  conv2dBiasGrad,
  conv2dInputGrad,
  conv2dScaled,
  conv2dWeightGrad,
} from '../../../kernels/conv2d.ts';
import {
  depthwiseConv2d,
  depthwiseConv2dInputGrad,
  depthwiseConv2dWeightGrad,
} from '../../../kernels/depthwise_conv2d.ts';
import {
  type GroupedConv2dShape,
  groupedConv2d,
  groupedConv2dInputGrad,
  groupedConv2dWeightGrad,
} from '../../../kernels/grouped_conv2d.ts';
import {
  type F32,
  FLOAT32,
  type KernelCase,
  type KernelFamily,
  type Numbers,
  type Output,
  Sums,
} from '../kernel_case.ts';
import { randomValues } from '../random_values.ts';

type Both = number | readonly [number, number];

/** Sizes of a convolution; co, groups: as the kind of convolution has them where they are left out. */
export interface ConvolutionSizes {
  n: number;
  h: number;
  w: number;
  ci: number;
  co?: number;
  groups?: number;
  k: Both;
  stride?: Both;
  pad?: Both;
  dilation?: Both;
}

/** The shape by its sizes, as many outputs as whole windows fit. */
export function convolutionShape(sizes: ConvolutionSizes & { co: number; groups: number }): GroupedConv2dShape {
  const { n, h, w, ci, co, groups, k, stride = 1, pad = 0, dilation = 1 } = sizes;
  const two = (v: Both) => (typeof v === 'number' ? ([v, v] as const) : v);
  const [[kh, kw], [strideH, strideW], [padH, padW]] = [two(k), two(stride), two(pad)];
  const [dilationH, dilationW] = two(dilation);
  const oh = Math.floor((h + 2 * padH - dilationH * (kh - 1) - 1) / strideH) + 1;
  const ow = Math.floor((w + 2 * padW - dilationW * (kw - 1) - 1) / strideW) + 1;
  return { n, h, w, ci, co, groups, kh, kw, strideH, strideW, padH, padW, dilationH, dilationW, oh, ow };
}

/** Calls `visit` for every multiply-add of a convolution with the flat indices of x, weight and y. */
function forEachTerm(s: GroupedConv2dShape, visit: (x: number, weight: number, y: number) => void): void {
  const depth = s.ci / s.groups;
  const width = s.co / s.groups;
  for (let pixel = 0; pixel < s.n * s.oh * s.ow; pixel++) {
    const ow = pixel % s.ow;
    const oh = Math.floor(pixel / s.ow) % s.oh;
    const n = Math.floor(pixel / (s.ow * s.oh));
    for (let tap = 0; tap < s.kh * s.kw; tap++) {
      const ih = oh * s.strideH + Math.floor(tap / s.kw) * s.dilationH - s.padH;
      const iw = ow * s.strideW + (tap % s.kw) * s.dilationW - s.padW;
      if (ih < 0 || iw < 0 || ih >= s.h || iw >= s.w) continue;
      for (let co = 0; co < s.co; co++) {
        const x = ((n * s.h + ih) * s.w + iw) * s.ci + Math.floor(co / width) * depth;
        for (let j = 0; j < depth; j++) visit(x + j, (tap * depth + j) * s.co + co, pixel * s.co + co);
      }
    }
  }
}

/** What the three passes of a convolution must give. bias: added to y, nothing where it is left out. */
export function convolutionByHand(x: Numbers, weight: Numbers, dy: Numbers, s: GroupedConv2dShape, bias?: Numbers) {
  const [inputs, outputs] = [s.n * s.h * s.w * s.ci, s.n * s.oh * s.ow * s.co];
  const [y, dx, dw] = [new Sums(outputs), new Sums(inputs), new Sums((s.kh * s.kw * s.ci * s.co) / s.groups)];
  forEachTerm(s, (xi, wi, yi) => {
    y.add(yi, x[xi] * weight[wi]);
    dx.add(xi, dy[yi] * weight[wi]);
    dw.add(wi, x[xi] * dy[yi]);
  });
  const db = new Sums(s.co);
  for (let i = 0; i < outputs; i++) db.add(i % s.co, dy[i]);
  const biased = new Sums(outputs);
  if (bias) {
    for (let i = 0; i < outputs; i++) {
      biased.values[i] = y.values[i] + bias[i % s.co];
      biased.magnitudes[i] = y.magnitudes[i] + Math.abs(bias[i % s.co]);
    }
  }
  const { values, magnitudes } = biased;
  return { y, dx, dw, db, biased: { values, magnitudes, terms: y.terms + 1 } };
}

/** The three passes of a kind of convolution. */
interface Passes<S extends Conv2dShape> {
  y(x: F32, weight: F32, bias: F32 | undefined, s: S): F32;
  dx(dy: F32, weight: F32, s: S): F32;
  dw(x: F32, dy: F32, s: S): F32;
  /** Y = factor · (X ∗ W) + offset, and ReLU, where the rung has it. */
  scaled?(x: F32, weight: F32, fold: () => F32, relu: boolean, s: S): F32 | undefined;
}

export function convolutionCase(name: string, passes: Passes<GroupedConv2dShape>, s: GroupedConv2dShape): KernelCase {
  return {
    name,
    prepare() {
      const x = randomValues(s.n * s.h * s.w * s.ci, 1);
      const weight = randomValues((s.kh * s.kw * s.ci * s.co) / s.groups, 2);
      const bias = randomValues(s.co, 3);
      const dy = randomValues(s.n * s.oh * s.ow * s.co, 4);
      const expected = convolutionByHand(x, weight, dy, s, bias);
      const folded = randomValues(2 * s.co, 5);
      const scaled = scaledByHand(expected.y, folded, s.co);
      return (gpu): Output[] => {
        const [gx, gw, gdy] = [x, weight, dy].map((values) => gpu.upload(values, 'check'));
        const [gb, gf] = [bias, folded].map((values) => gpu.upload(values, FLOAT32));
        // Of the rungs that can; which those are is tested with the kernel.
        const finished = (relu: boolean) => passes.scaled?.(gx, gw, () => gf, relu, s);
        const inPass = finished(false) !== undefined;
        return [
          ...(inPass ? [{ name: 'factor · y + offset', run: () => finished(false) as F32, ...scaled.plain }] : []),
          ...(inPass ? [{ name: 'factor · y + offset, ReLU', run: () => finished(true) as F32, ...scaled.relu }] : []),
          { name: 'y', run: () => passes.y(gx, gw, gb, s), ...expected.biased },
          { name: 'y without bias', run: () => passes.y(gx, gw, undefined, s), ...sumsOf(expected.y) },
          { name: 'dx', run: () => passes.dx(gdy, gw, s), ...sumsOf(expected.dx) },
          { name: 'dw', run: () => passes.dw(gx, gdy, s), ...sumsOf(expected.dw) },
          { name: 'dbias', run: () => conv2dBiasGrad(gdy, s), ...sumsOf(expected.db) },
        ];
      };
    },
  };
}

/** factor · y + offset, as it is and after a ReLU. folded: [2, CO], the offsets and then the factors. */
function scaledByHand({ values, magnitudes, terms }: Sums, folded: Numbers, co: number) {
  const of = (from: Numbers, by: (v: number, factor: number, offset: number) => number) =>
    Float64Array.from(from, (v, i) => by(v, folded[co + (i % co)], folded[i % co]));
  const plain = {
    values: of(values, (v, factor, offset) => v * factor + offset),
    magnitudes: of(magnitudes, (v, factor, offset) => v * Math.abs(factor) + Math.abs(offset)),
    terms: terms + 2,
  };
  return { plain, relu: { ...plain, values: plain.values.map((v) => Math.max(v, 0)) } };
}

/** A spread does not take getters along. */
const sumsOf = ({ values, magnitudes, terms }: Sums) => ({ values, magnitudes, terms });

type Listed = readonly [name: string, sizes: ConvolutionSizes, other?: Partial<GroupedConv2dShape>];

/** Cases of a list; `of`: what a size that is left out stands for. */
const listed = (
  passes: Passes<GroupedConv2dShape>,
  list: readonly Listed[],
  of: (sizes: ConvolutionSizes) => { co: number; groups: number },
): KernelCase[] =>
  list.map(([name, sizes, other]) =>
    convolutionCase(name, passes, { ...convolutionShape({ ...sizes, ...of(sizes) }), ...other }),
  );

const inQuick = (cases: KernelCase[], names: readonly string[]): KernelCase[] =>
  cases.map((one) => ({ ...one, quick: names.includes(one.name) }));

const PLAIN: Listed[] = [
  ['3×3 of the first layer', { n: 2, h: 9, w: 7, ci: 3, co: 16, k: 3, pad: 1 }],
  ['3×3', { n: 2, h: 8, w: 8, ci: 16, co: 32, k: 3, pad: 1 }],
  ['channels beyond one subgroup', { n: 1, h: 5, w: 6, ci: 36, co: 44, k: 3, pad: 1 }],
  ['odd channels', { n: 2, h: 6, w: 5, ci: 5, co: 7, k: 3, pad: 1 }],
  ['input channels no multiple of 4', { n: 3, h: 7, w: 7, ci: 6, co: 8, k: 3, stride: 2, pad: 1 }],
  ['output channels no multiple of 4', { n: 1, h: 7, w: 7, ci: 8, co: 10, k: 3, pad: 1 }],
  ['stride 2', { n: 2, h: 9, w: 8, ci: 8, co: 12, k: 3, stride: 2, pad: 1 }],
  ['stride 3 without padding', { n: 2, h: 11, w: 10, ci: 4, co: 8, k: 3, stride: 3 }],
  ['1×1', { n: 2, h: 5, w: 7, ci: 12, co: 20, k: 1 }],
  ['1×1 stride 2', { n: 2, h: 7, w: 7, ci: 8, co: 16, k: 1, stride: 2 }],
  ['7×7 stride 2', { n: 1, h: 15, w: 13, ci: 3, co: 8, k: 7, stride: 2, pad: 3 }],
  ['batch 1, one pixel out', { n: 1, h: 3, w: 3, ci: 4, co: 4, k: 3 }],
  ['stride wider than the image', { n: 2, h: 2, w: 5, ci: 4, co: 8, k: 1, stride: 3 }],
  ['stride 3 with padding, kernel 4', { n: 1, h: 10, w: 11, ci: 8, co: 4, k: 4, stride: 3, pad: 2 }],
  ['padding wider than needed', { n: 1, h: 4, w: 4, ci: 4, co: 8, k: 3, pad: 3 }],
  ['many pixels, several slices', { n: 5, h: 20, w: 19, ci: 8, co: 8, k: 3, pad: 1 }],
  ['3×3 that keeps the width, channels no multiple of 16', { n: 2, h: 5, w: 7, ci: 20, co: 12, k: 3, pad: 1 }],
  ['3×3, four output channels', { n: 1, h: 6, w: 5, ci: 16, co: 4, k: 3, pad: 1 }],
  ['3×3 on images one pixel wide', { n: 3, h: 5, w: 1, ci: 16, co: 8, k: 3, pad: 1 }],
  ['3×3, one pixel in all', { n: 1, h: 1, w: 1, ci: 16, co: 8, k: 3, pad: 1 }],
  ['3×3, several slices of whole rows of taps', { n: 5, h: 20, w: 19, ci: 16, co: 8, k: 3, pad: 1 }],
  ['5×5 that keeps the size', { n: 2, h: 6, w: 7, ci: 8, co: 12, k: 5, pad: 2 }],
  ['7×7 that keeps the size', { n: 1, h: 6, w: 5, ci: 4, co: 8, k: 7, pad: 3 }],
  ['7×7 of the first layer, several slices', { n: 3, h: 17, w: 15, ci: 3, co: 8, k: 7, stride: 2, pad: 3 }],
  ['1×1 stride 2, several slices', { n: 4, h: 25, w: 23, ci: 16, co: 8, k: 1, stride: 2 }],
  ['stride in height alone', { n: 2, h: 9, w: 8, ci: 16, co: 8, k: [2, 3], stride: [2, 1], pad: [0, 1] }],
  ['stride and kernel by dimension', { n: 2, h: 8, w: 9, ci: 4, co: 8, k: [1, 3], stride: [2, 1], pad: [0, 1] }],
  ['dilation 2 that keeps the size', { n: 2, h: 8, w: 7, ci: 16, co: 12, k: 3, pad: 2, dilation: 2 }],
  ['dilation 2 of the first layer', { n: 2, h: 9, w: 7, ci: 3, co: 8, k: 3, pad: 2, dilation: 2 }],
  ['dilation 3, channels beyond one subgroup', { n: 1, h: 9, w: 8, ci: 36, co: 44, k: 3, pad: 1, dilation: 3 }],
  ['dilation 2, odd channels', { n: 2, h: 7, w: 8, ci: 5, co: 7, k: 3, pad: 1, dilation: 2 }],
  ['dilation 2, stride 2', { n: 2, h: 9, w: 10, ci: 8, co: 12, k: 3, stride: 2, pad: 2, dilation: 2 }],
  ['dilation 2, stride 3', { n: 1, h: 13, w: 11, ci: 4, co: 8, k: 4, stride: 3, pad: 3, dilation: 2 }],
  [
    'dilation 3, stride 2, input channels no multiple of 4',
    { n: 2, h: 11, w: 9, ci: 6, co: 8, k: 3, stride: 2, pad: 1, dilation: 3 },
  ],
  ['dilation in width alone', { n: 2, h: 6, w: 9, ci: 16, co: 8, k: 3, pad: 1, dilation: [1, 2] }],
  [
    'dilation in width alone, which keeps the size',
    { n: 2, h: 6, w: 9, ci: 16, co: 8, k: 3, pad: [1, 2], dilation: [1, 2] },
  ],
  [
    'dilation in height alone, which keeps the width',
    { n: 2, h: 9, w: 6, ci: 16, co: 8, k: 3, pad: 1, dilation: [2, 1] },
  ],
  ['dilation 2, more padding than the window spans', { n: 1, h: 4, w: 5, ci: 8, co: 8, k: 3, pad: 6, dilation: 2 }],
  ['dilation 2, several slices', { n: 4, h: 21, w: 19, ci: 16, co: 8, k: 3, pad: 2, dilation: 2 }],
  // Padding 'same' of an even window: the odd pixel behind.
  ['2×2 that keeps the size', { n: 2, h: 5, w: 6, ci: 16, co: 8, k: 2 }, { oh: 5, ow: 6 }],
  [
    '4×4 with dilation 3 that keeps the size',
    { n: 1, h: 9, w: 11, ci: 8, co: 12, k: 4, pad: 4, dilation: 3 },
    { oh: 9, ow: 11 },
  ],
  [
    '2×4 of the first layer that keeps the size',
    { n: 2, h: 6, w: 5, ci: 3, co: 8, k: [2, 4], pad: [0, 1] },
    { oh: 6, ow: 5 },
  ],
  ['CustomCNN, first layer, batch 1', { n: 1, h: 32, w: 32, ci: 3, co: 64, k: 3, pad: 1 }],
  ['CustomCNN, 64 → 128 channels', { n: 2, h: 8, w: 8, ci: 64, co: 128, k: 3, pad: 1 }],
  ['128 channels, many images of one pixel', { n: 64, h: 1, w: 1, ci: 128, co: 128, k: 3, pad: 1 }],
  ['128 channels, few pixels', { n: 1, h: 3, w: 4, ci: 128, co: 128, k: 3, pad: 1 }],
  ['128 channels, few pixels, stride 2', { n: 1, h: 3, w: 4, ci: 128, co: 128, k: 3, stride: 2, pad: 1 }],
  ['1×1, 64 channels', { n: 1, h: 3, w: 5, ci: 64, co: 68, k: 1 }],
  ['64 channels', { n: 1, h: 7, w: 6, ci: 64, co: 64, k: 3, pad: 1 }],
  ['64 channels, stride 2', { n: 1, h: 5, w: 6, ci: 64, co: 64, k: 3, stride: 2, pad: 1 }],
  ['ResNet-18, 64 channels', { n: 1, h: 16, w: 16, ci: 64, co: 64, k: 3, pad: 1 }],
  ['ResNet-18, halving, 64 → 128 channels', { n: 1, h: 16, w: 16, ci: 64, co: 128, k: 3, stride: 2, pad: 1 }],
  ['ResNet-18, shortcut, 64 → 128 channels', { n: 2, h: 16, w: 16, ci: 64, co: 128, k: 1, stride: 2 }],
  ['EfficientNet-B0, 1×1, 96 → 24 channels', { n: 2, h: 16, w: 16, ci: 96, co: 24, k: 1 }],
];

const DEPTHWISE: Listed[] = [
  ['3×3', { n: 2, h: 8, w: 8, ci: 16, k: 3, pad: 1 }],
  ['5×5', { n: 3, h: 9, w: 7, ci: 12, k: 5, pad: 2 }],
  ['3×3 stride 2', { n: 2, h: 16, w: 15, ci: 8, k: 3, stride: 2, pad: 1 }],
  ['5×5 stride 2', { n: 2, h: 8, w: 9, ci: 8, k: 5, stride: 2, pad: 2 }],
  ['channels no multiple of 4', { n: 2, h: 6, w: 5, ci: 7, k: 3, pad: 1 }],
  ['batch 1, one pixel out', { n: 1, h: 3, w: 3, ci: 4, k: 3 }],
  ['one pixel, most taps on padding', { n: 5, h: 1, w: 1, ci: 12, k: 5, pad: 2 }],
  ['2×2 pixels, 5×5', { n: 3, h: 2, w: 2, ci: 20, k: 5, pad: 2 }],
  ['2×2 pixels, 5×5 stride 2', { n: 3, h: 2, w: 2, ci: 20, k: 5, stride: 2, pad: 2 }],
  ['1×1', { n: 2, h: 5, w: 7, ci: 8, k: 1 }],
  ['7×7 stride 3', { n: 1, h: 15, w: 13, ci: 4, k: 7, stride: 3, pad: 3 }],
  ['stride wider than the window', { n: 2, h: 10, w: 11, ci: 4, k: 1, stride: 3 }],
  ['padding wider than needed', { n: 1, h: 4, w: 4, ci: 8, k: 3, pad: 3 }],
  ['window, stride and padding by dimension', { n: 2, h: 7, w: 9, ci: 8, k: [3, 5], stride: [2, 1], pad: [0, 2] }],
  ['rows behind the last window', { n: 2, h: 8, w: 8, ci: 4, k: 3, stride: 2 }],
  ['two outputs to a channel', { n: 2, h: 6, w: 5, ci: 6, co: 12, k: 3, stride: 2, pad: 1 }],
  ['many pixels, several slices', { n: 7, h: 19, w: 18, ci: 4, k: 3, pad: 1 }],
  ['rows wider than subgroups', { n: 2, h: 3, w: 75, ci: 8, k: 3, pad: 1 }],
  ['rows wider than subgroups, stride 2', { n: 1, h: 4, w: 141, ci: 4, k: 5, stride: 2, pad: 2 }],
  ['two outputs to a lane of 8', { n: 3, h: 3, w: 16, ci: 12, k: 5, pad: 2 }],
  ['four outputs to a lane of 8', { n: 2, h: 5, w: 27, ci: 4, k: 5, pad: 1 }],
  ['four outputs to a lane of 8, stride 2', { n: 2, h: 5, w: 49, ci: 4, k: 5, stride: 2, pad: 3 }],
  ['as much padding as taps allow', { n: 2, h: 6, w: 5, ci: 8, k: 5, pad: 4 }],
  ['as much padding as taps allow, stride 2', { n: 2, h: 7, w: 6, ci: 8, k: 5, stride: 2, pad: 4 }],
  ['5×5 without padding', { n: 2, h: 9, w: 8, ci: 8, k: 5 }],
  ['many images', { n: 67, h: 4, w: 3, ci: 4, k: 3, pad: 1 }],
  ['dilation 2', { n: 2, h: 8, w: 7, ci: 8, k: 3, pad: 2, dilation: 2 }],
  ['dilation 3 by 1, stride 2', { n: 1, h: 9, w: 10, ci: 4, k: 3, stride: 2, pad: 1, dilation: [3, 1] }],
  ['dilation 2 by 3, several slices', { n: 3, h: 17, w: 19, ci: 12, k: 3, pad: 2, dilation: [2, 3] }],
  ['dilation 2, channels no multiple of 4', { n: 2, h: 8, w: 7, ci: 6, k: 3, pad: 2, dilation: 2 }],
  ['dilation 2, two outputs to a channel', { n: 2, h: 8, w: 7, ci: 4, co: 8, k: 3, pad: 2, dilation: 2 }],
  ['2×2 that keeps the size', { n: 2, h: 6, w: 5, ci: 8, k: 2 }, { oh: 6, ow: 5 }],
  ['4×4 that keeps the size', { n: 3, h: 5, w: 7, ci: 8, k: 4, pad: 1 }, { oh: 5, ow: 7 }],
  ['EfficientNet-B0, 3×3, 32 channels', { n: 2, h: 16, w: 16, ci: 32, k: 3, pad: 1 }],
  ['EfficientNet-B0, 5×5 stride 2, 144 channels', { n: 1, h: 16, w: 16, ci: 144, k: 5, stride: 2, pad: 2 }],
];

const GROUPED: Listed[] = [
  ['3×3', { n: 2, h: 7, w: 5, ci: 16, co: 8, groups: 2, k: 3, pad: 1 }],
  ['3×3 stride 2, three groups', { n: 1, h: 9, w: 8, ci: 12, co: 24, groups: 3, k: 3, stride: 2, pad: 1 }],
  ['odd channels', { n: 2, h: 6, w: 5, ci: 10, co: 15, groups: 5, k: 3, pad: 1 }],
  ['1×1', { n: 3, h: 4, w: 4, ci: 8, co: 8, groups: 2, k: 1 }],
  ['dilation 2', { n: 2, h: 7, w: 6, ci: 8, co: 16, groups: 2, k: 3, pad: 2, dilation: 2 }],
  [
    'dilation 2 by 3, stride 2 by 3, odd channels',
    { n: 1, h: 9, w: 11, ci: 6, co: 9, groups: 3, k: 3, stride: [2, 3], pad: 1, dilation: [2, 3] },
  ],
  ['4×4 that keeps the size', { n: 1, h: 5, w: 7, ci: 8, co: 8, groups: 2, k: 4, pad: 1 }, { oh: 5, ow: 7 }],
  ['5×5 stride 2', { n: 2, h: 11, w: 10, ci: 8, co: 16, groups: 2, k: 5, stride: 2, pad: 2 }],
  ['window by dimension', { n: 1, h: 8, w: 9, ci: 8, co: 8, groups: 2, k: [1, 3], stride: [2, 1], pad: [0, 1] }],
];

/** The three passes of a convolution whose channels are in one group. */
export const PLAIN_PASSES: Passes<GroupedConv2dShape> = {
  ...{ y: conv2d, dx: conv2dInputGrad, dw: conv2dWeightGrad },
  scaled: conv2dScaled,
};

export const CONV2D: KernelFamily = {
  kernels: 'conv2d',
  ladder: true,
  cases: inQuick(
    listed(PLAIN_PASSES, PLAIN, ({ ci, co = ci }) => ({ co, groups: 1 })),
    [
      ...['3×3 of the first layer', 'channels beyond one subgroup', 'odd channels', 'stride 2', '1×1', '1×1 stride 2'],
      ...['many pixels, several slices', '3×3, several slices of whole rows of taps', 'batch 1, one pixel out'],
      ...['dilation 2, stride 2', '64 channels', '64 channels, stride 2'],
      ...['128 channels, many images of one pixel', '128 channels, few pixels', '128 channels, few pixels, stride 2'],
      '1×1, 64 channels',
    ],
  ),
};

export const DEPTHWISE_CONV2D: KernelFamily = {
  kernels: 'depthwise_conv2d',
  ladder: true,
  cases: inQuick(
    listed(
      { y: depthwiseConv2d, dx: depthwiseConv2dInputGrad, dw: depthwiseConv2dWeightGrad },
      DEPTHWISE,
      ({ ci, co = ci }) => ({ co, groups: ci }),
    ),
    [
      ...['3×3', '5×5 stride 2', 'channels no multiple of 4', 'many pixels, several slices'],
      ...['rows wider than subgroups', 'dilation 2'],
    ],
  ),
};

export const GROUPED_CONV2D: KernelFamily = {
  kernels: 'grouped_conv2d',
  ladder: true,
  cases: inQuick(
    listed(
      { y: groupedConv2d, dx: groupedConv2dInputGrad, dw: groupedConv2dWeightGrad },
      GROUPED,
      ({ ci, co = ci, groups = 1 }) => ({ co, groups }),
    ),
    ['3×3', 'odd channels', '5×5 stride 2'],
  ),
};
