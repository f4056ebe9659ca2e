import {
  depthwiseConv2d,
  depthwiseConv2dInputGrad,
  depthwiseConv2dWeightGrad,
} from '../src/kernels/depthwise_conv2d.ts';
import { type GroupedConv2dShape, groupedSizes } from '../src/kernels/grouped_conv2d.ts';
import type { Benchmark } from './benchmark.ts';
import { randomInput } from './random_input.ts';

/** EfficientNet-B0 on images of 32×32, batch 32: size of the input, channels, kernel, stride; the last two at a quarter of its width. */
const LAYERS = [
  [16, 32, 3, 1],
  [16, 96, 3, 2],
  [8, 144, 3, 1],
  [8, 144, 5, 2],
  [4, 240, 5, 1],
  [2, 672, 5, 1],
  [1, 1152, 5, 1],
  [16, 24, 3, 2],
  [4, 60, 5, 1],
] as const;
const BATCH = 32;

function shapeOf([size, channels, kernel, stride]: (typeof LAYERS)[number]): GroupedConv2dShape {
  const pad = kernel >> 1;
  const out = Math.floor((size + 2 * pad - kernel) / stride) + 1;
  return {
    ...{ n: BATCH, h: size, w: size, ci: channels, co: channels, groups: channels, kh: kernel, kw: kernel },
    ...{ strideH: stride, strideW: stride, padH: pad, padW: pad, oh: out, ow: out },
  };
}

/** The three passes of a depthwise convolution, by the naive rung and the one that is chosen. */
function passes(layer: (typeof LAYERS)[number]): Benchmark[] {
  const s = shapeOf(layer);
  const { inputs, outputs, weights, flops } = groupedSizes(s);
  const [size, channels, kernel, stride] = layer;
  const common = {
    shape: `EfficientNet-B0 ${BATCH}×${size}×${size}×${channels} ${kernel}×${kernel}${stride > 1 ? ` stride ${stride}` : ''}`,
    rungs: ['naive', 'auto'] as const,
    flops,
    bytes: 4 * (inputs + outputs + weights),
  };
  return [
    {
      ...{ name: 'depthwise-conv2d', ...common },
      prepare: (gpu) => {
        const [x, weight] = [randomInput(gpu, inputs), randomInput(gpu, weights)];
        return () => void depthwiseConv2d(x, weight, undefined, s);
      },
    },
    {
      ...{ name: 'depthwise-conv2d-input-grad', ...common },
      prepare: (gpu) => {
        const [dy, weight] = [randomInput(gpu, outputs), randomInput(gpu, weights)];
        return () => void depthwiseConv2dInputGrad(dy, weight, s);
      },
    },
    {
      ...{ name: 'depthwise-conv2d-weight-grad', ...common },
      prepare: (gpu) => {
        const [x, dy] = [randomInput(gpu, inputs), randomInput(gpu, outputs)];
        return () => void depthwiseConv2dWeightGrad(x, dy, s);
      },
    },
  ];
}

export const depthwiseConv2dBenchmarks: Benchmark[] = LAYERS.flatMap(passes);
