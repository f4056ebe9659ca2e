import { type Layer, layerText, shapeOf } from '../src/inspect/ladder/layer.ts';
import { conv2d, conv2dInputGrad, conv2dWeightGrad } from '../src/kernels/conv2d.ts';
import { RUNGS } from '../src/runtime/rungs.ts';
import type { Benchmark } from './benchmark.ts';
import { layerPasses } from './convolution.ts';

interface NetworkLayer extends Layer {
  /** The first network it is from. */
  network: string;
  kernel: 1 | 3;
}

/** At full width, and at a quarter of it, as the lab's quick preset has it. */
const customCNN = (size: number, from: number, to: number): NetworkLayer => ({
  ...{ network: 'CustomCNN', batch: 16, size, from, to, kernel: 3 },
});
/** What ResNet-18 for 32×32 has beside the shapes of CustomCNN: the steps down. */
const resNet18 = (size: number, from: number, to: number, kernel: 1 | 3): NetworkLayer => ({
  ...{ network: 'ResNet-18', batch: 16, size, from, to, kernel, stride: 2 },
});
/** EfficientNet-B0 at 32×32: its 1×1 convolutions. */
const efficientNet = (size: number, from: number, to: number): NetworkLayer => ({
  ...{ network: 'EfficientNet-B0', batch: 128, size, from, to, kernel: 1 },
});

const LAYERS: NetworkLayer[] = [
  customCNN(32, 3, 64),
  customCNN(32, 64, 64),
  customCNN(16, 128, 128),
  customCNN(8, 256, 256),
  customCNN(4, 512, 512),
  customCNN(32, 3, 16),
  customCNN(32, 16, 16),
  customCNN(16, 16, 32),
  customCNN(8, 64, 64),
  resNet18(32, 64, 128, 3),
  resNet18(32, 64, 128, 1),
  resNet18(8, 256, 512, 3),
  efficientNet(16, 16, 96),
  efficientNet(8, 144, 24),
  efficientNet(2, 112, 672),
  efficientNet(1, 1152, 192),
  efficientNet(1, 320, 1280),
];

/** The three passes of a convolution. */
function passes(layer: NetworkLayer): Benchmark[] {
  const s = shapeOf(layer);
  const { network, batch, size, from, to } = layer;
  const sizes = {
    inputs: s.n * s.h * s.w * s.ci,
    outputs: s.n * s.oh * s.ow * s.co,
    weights: s.kh * s.kw * s.ci * s.co,
  };
  return layerPasses('conv2d', sizes, {
    shape: `${network} ${batch}×${size}×${size} ${from}→${to} ${layerText(layer)}`,
    rungs: RUNGS,
    flops: 2 * sizes.outputs * s.kh * s.kw * s.ci,
    forward: (x, weight) => conv2d(x, weight, undefined, s),
    inputGrad: (dy, weight) => conv2dInputGrad(dy, weight, s),
    weightGrad: (x, dy) => conv2dWeightGrad(x, dy, s),
  });
}

export const conv2dBenchmarks: Benchmark[] = LAYERS.flatMap(passes);
