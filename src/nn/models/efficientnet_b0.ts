import type { Shape, Tensor } from '../../autograd/tensor.ts';
import type { Gpu } from '../../runtime/gpu.ts';
import { type InitOptions, kaimingNormal, modelGenerator, uniform, zeros } from '../init.ts';
import { Dropout } from '../layers/dropout.ts';
import { GlobalAvgPool2d } from '../layers/global_avg_pool2d.ts';
import { Sequential } from '../sequential.ts';
import { type ClassifierOptions, ImageClassifier } from './image_classifier.ts';
import { lastLayer } from './last_layer.ts';
import { convNorm, MBConv } from './mb_conv.ts';

/** Stages of blocks; the first block of each has the stride and goes to the new channel count. */
const STAGES = [
  { expand: 1, kernel: 3, stride: 1, channels: 16, blocks: 1 },
  { expand: 6, kernel: 3, stride: 2, channels: 24, blocks: 2 },
  { expand: 6, kernel: 5, stride: 2, channels: 40, blocks: 2 },
  { expand: 6, kernel: 3, stride: 2, channels: 80, blocks: 3 },
  { expand: 6, kernel: 5, stride: 1, channels: 112, blocks: 3 },
  { expand: 6, kernel: 5, stride: 2, channels: 192, blocks: 4 },
  { expand: 6, kernel: 3, stride: 1, channels: 320, blocks: 1 },
] as const;
const FIRST_CHANNELS = 32;
/** The last convolution has so many times the channels of the last stage. */
const HEAD = 4;

/** A channel count as EfficientNet rounds it: a multiple of 8, at least 8, and no less than nine tenths of what was asked. */
function divisibleChannels(channels: number): number {
  const rounded = Math.max(8, Math.floor((channels + 4) / 8) * 8);
  return rounded < 0.9 * channels ? rounded + 8 : rounded;
}

/** One stage; `firstBlock` counts the blocks before it, by which stochastic depth rises. */
function stage(
  gpu: Gpu,
  { expand, kernel, stride, blocks }: (typeof STAGES)[number],
  { from, to, firstBlock, stochasticDepth }: { from: number; to: number; firstBlock: number; stochasticDepth: number },
  init: InitOptions,
): Sequential {
  const total = STAGES.reduce((sum, { blocks }) => sum + blocks, 0);
  return new Sequential(
    ...Array.from({ length: blocks }, (_, i) => {
      const before = i === 0 ? from : to;
      return new MBConv(gpu, {
        ...{ from: before, to, kernel, ...init },
        expanded: divisibleChannels(before * expand),
        stride: i === 0 ? stride : 1,
        stochasticDepth: (stochasticDepth * (firstBlock + i)) / total,
      });
    }),
  );
}

/** What is EfficientNet-B0's own where nothing is given, as torchvision has it. */
export const EFFICIENTNET_B0_DEFAULTS = { dropout: 0.2, stochasticDepth: 0.2 } as const;

/**
 * EfficientNet-B0: a first convolution of stride 2, sixteen inverted residual blocks with depthwise convolutions and squeeze-and-excitation,
 * a last convolution to 1280 channels, global average pool, dropout (0.2 where none is given), one linear layer. 4,020,358 parameters at
 * width 1 with 10 classes and 3 channels. Stochastic depth rises linearly over the blocks, up to 0.2 where nothing else is given. Width scales channels as
 * EfficientNet's own family does, to multiples of 8. The image's height and width are divided by 32 on the way: at 32×32 the last stages see
 * single pixels, so that training needs more than one image at a time. Names and first weights are torchvision's, so that its state dicts load.
 * Source: Tan, Le, "EfficientNet: rethinking model scaling for convolutional neural networks", ICML 2019.
 */
export class EfficientNetB0 extends ImageClassifier {
  readonly classes: number;
  readonly imageShape: Shape;
  readonly features: Sequential;
  readonly avgpool = new GlobalAvgPool2d();
  readonly classifier: Sequential;

  constructor(gpu: Gpu, options: ClassifierOptions = {}) {
    super();
    const {
      width = 1,
      classes = 10,
      channels = 3,
      seed = 42,
      dropout = EFFICIENTNET_B0_DEFAULTS.dropout,
      imageSize = 32,
    } = options;
    const { stochasticDepth = EFFICIENTNET_B0_DEFAULTS.stochasticDepth } = options;
    if (!(width > 0 && Number.isFinite(width))) {
      throw new RangeError(`EfficientNetB0: width must be above 0, not ${width}.`);
    }
    this.classes = classes;
    this.imageShape = [imageSize, imageSize, channels];
    const generator = modelGenerator(seed);
    const init: InitOptions = {
      generator,
      initWeight: (shape) => kaimingNormal(shape, generator, { mode: 'fanOut' }),
      initBias: zeros,
    };
    const first = divisibleChannels(FIRST_CHANNELS * width);
    const stages: Sequential[] = [];
    let from = first;
    let firstBlock = 0;
    for (const form of STAGES) {
      const to = divisibleChannels(form.channels * width);
      stages.push(stage(gpu, form, { from, to, firstBlock, stochasticDepth }, init));
      from = to;
      firstBlock += form.blocks;
    }
    this.features = new Sequential(
      convNorm(gpu, channels, first, 3, { stride: 2, ...init }),
      ...stages,
      convNorm(gpu, from, HEAD * from, 1, init),
    );
    this.classifier = new Sequential(
      new Dropout(dropout),
      lastLayer(gpu, HEAD * from, classes, options, {
        generator,
        initWeight: (shape) => uniform(shape, 1 / Math.sqrt(classes), generator),
        initBias: zeros,
      }),
    );
  }

  /** The means of the last convolution's channels: [N, H, W, channels] → [N, 1280 · width]. */
  extractFeatures(images: Tensor): Tensor {
    return images.gpu.scope(() => this.avgpool.call(this.features.call(images)));
  }

  forward(images: Tensor): Tensor {
    return this.classifier.call(this.extractFeatures(images));
  }

  protected outputShape(images: Shape): Shape {
    return this.classifier.inferShape(this.avgpool.inferShape(this.features.inferShape(images)));
  }
}
