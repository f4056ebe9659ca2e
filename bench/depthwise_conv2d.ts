import { layerText, shapeOf } from '../src/inspect/ladder/layer.ts';
import {
  depthwiseConv2d,
  depthwiseConv2dInputGrad,
  depthwiseConv2dWeightGrad,
} from '../src/kernels/depthwise_conv2d.ts';
import { type GroupedConv2dShape, groupedSizes } from '../src/kernels/grouped_conv2d.ts';
import type { Benchmark } from './benchmark.ts';
import { layerPasses } from './convolution.ts';

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

/** The three passes of a depthwise convolution, by the naive rung and the one that is chosen. */
function passes([size, channels, kernel, stride]: (typeof LAYERS)[number]): Benchmark[] {
  const layer = { batch: BATCH, size, from: channels, to: channels, kernel, stride };
  const s: GroupedConv2dShape = { ...shapeOf(layer), groups: channels };
  const { flops, ...sizes } = groupedSizes(s);
  return layerPasses('depthwise-conv2d', sizes, {
    shape: `EfficientNet-B0 ${BATCH}×${size}×${size}×${channels} ${layerText(layer)}`,
    rungs: ['naive', 'auto'],
    flops,
    forward: (x, weight) => depthwiseConv2d(x, weight, undefined, s),
    inputGrad: (dy, weight) => depthwiseConv2dInputGrad(dy, weight, s),
    weightGrad: (x, dy) => depthwiseConv2dWeightGrad(x, dy, s),
  });
}

export const depthwiseConv2dBenchmarks: Benchmark[] = LAYERS.flatMap(passes);
