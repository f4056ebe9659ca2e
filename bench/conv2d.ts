import { type Conv2dShape, conv2d, conv2dInputGrad, conv2dWeightGrad } from '../src/kernels/conv2d.ts';
import { RUNGS } from '../src/kernels/rungs.ts';
import type { Benchmark } from './benchmark.ts';
import { randomInput } from './random_input.ts';

interface Layer {
  /** The first network it is from. */
  network: string;
  batch: number;
  /** Height and width of the input. */
  size: number;
  from: number;
  to: number;
  kernel: 1 | 3;
  stride?: number;
}

/** At full width, and at a quarter of it, as the lab's quick preset has it. */
const customCNN = (size: number, from: number, to: number): Layer => ({
  ...{ network: 'CustomCNN', batch: 16, size, from, to, kernel: 3 },
});
/** What ResNet-18 for 32×32 has beside the shapes of CustomCNN: the steps down. */
const resNet18 = (size: number, from: number, to: number, kernel: 1 | 3): Layer => ({
  ...{ network: 'ResNet-18', batch: 16, size, from, to, kernel, stride: 2 },
});
/** EfficientNet-B0 at 32×32: its 1×1 convolutions. */
const efficientNet = (size: number, from: number, to: number): Layer => ({
  ...{ network: 'EfficientNet-B0', batch: 128, size, from, to, kernel: 1 },
});

const LAYERS: Layer[] = [
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

function shapeOf({ batch, size, from, to, kernel, stride = 1 }: Layer): Conv2dShape {
  const pad = kernel >> 1;
  const out = Math.floor((size + 2 * pad - kernel) / stride) + 1;
  return {
    ...{ n: batch, h: size, w: size, ci: from, co: to, kh: kernel, kw: kernel },
    ...{ strideH: stride, strideW: stride, padH: pad, padW: pad, oh: out, ow: out },
  };
}

/** The three passes of a convolution. */
function passes(layer: Layer): Benchmark[] {
  const s = shapeOf(layer);
  const { network, batch, size, from, to, kernel, stride = 1 } = layer;
  const inputs = s.n * s.h * s.w * s.ci;
  const outputs = s.n * s.oh * s.ow * s.co;
  const weights = s.kh * s.kw * s.ci * s.co;
  const common = {
    shape: `${network} ${batch}×${size}×${size} ${from}→${to} ${kernel}×${kernel}${stride > 1 ? ` stride ${stride}` : ''}`,
    rungs: RUNGS,
    flops: 2 * outputs * s.kh * s.kw * s.ci,
    bytes: 4 * (inputs + outputs + weights),
  };
  return [
    {
      ...{ name: 'conv2d', ...common },
      prepare: (gpu) => {
        const [x, weight] = [randomInput(gpu, inputs), randomInput(gpu, weights)];
        return () => void conv2d(x, weight, undefined, s);
      },
    },
    {
      ...{ name: 'conv2d-input-grad', ...common },
      prepare: (gpu) => {
        const [dy, weight] = [randomInput(gpu, outputs), randomInput(gpu, weights)];
        return () => void conv2dInputGrad(dy, weight, s);
      },
    },
    {
      ...{ name: 'conv2d-weight-grad', ...common },
      prepare: (gpu) => {
        const [x, dy] = [randomInput(gpu, inputs), randomInput(gpu, outputs)];
        return () => void conv2dWeightGrad(x, dy, s);
      },
    },
  ];
}

export const conv2dBenchmarks: Benchmark[] = LAYERS.flatMap(passes);
