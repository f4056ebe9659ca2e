import type { Shape, Tensor } from '../../autograd/tensor.ts';
import type { Gpu } from '../../runtime/gpu.ts';
import type { Philox } from '../../runtime/philox.ts';
import { modelGenerator } from '../init.ts';
import { BatchNorm2d } from '../layers/batch_norm2d.ts';
import { CBAM } from '../layers/cbam.ts';
import { Conv2d } from '../layers/conv2d.ts';
import { Dropout } from '../layers/dropout.ts';
import { GlobalAvgPool2d } from '../layers/global_avg_pool2d.ts';
import { Linear } from '../layers/linear.ts';
import { MaxPool2d } from '../layers/max_pool2d.ts';
import { ReLU } from '../layers/relu.ts';
import { SqueezeExcitation } from '../layers/squeeze_excitation.ts';
import type { Module } from '../module.ts';
import { Sequential } from '../sequential.ts';
import { type ClassifierOptions, ImageClassifier } from './image_classifier.ts';
import { lastLayer } from './last_layer.ts';
import { scaledChannels } from './scaled_channels.ts';

/** `imageSize` may be any from 8 up; `dropout` is 0.5 where none is given. */
export interface CustomCNNOptions extends ClassifierOptions {
  /** Attention at the end of each block, before it pools. Default 'none'. */
  attention?: 'none' | 'se' | 'cbam';
  /** Convolutions of each block, each with its batch norm and ReLU. Default 2. */
  convsPerBlock?: number;
}

interface BlockOptions extends Required<Pick<CustomCNNOptions, 'attention' | 'convsPerBlock'>> {
  /** Whether it ends in a max pool 2×2. */
  pool: boolean;
  generator: Philox;
}

/** (conv 3×3, batch norm, ReLU) twice or as often as asked, attention, max pool. The ReLU is part of the batch norm's pass. */
function block(gpu: Gpu, from: number, to: number, options: BlockOptions): Sequential {
  const { pool, attention, convsPerBlock, generator } = options;
  const layers: Record<string, Module> = {};
  for (let i = 1; i <= convsPerBlock; i++) {
    layers[`conv${i}`] = new Conv2d(gpu, i === 1 ? from : to, to, 3, { padding: 1, generator });
    layers[`bn${i}`] = new BatchNorm2d(gpu, to, { activation: 'relu' });
  }
  if (attention === 'se') layers.attention = new SqueezeExcitation(gpu, to, { generator });
  if (attention === 'cbam') layers.attention = new CBAM(gpu, to, { generator });
  if (pool) layers.pool = new MaxPool2d(2);
  return new Sequential(layers);
}

/** What is CustomCNN's own where nothing is given. */
export const CUSTOM_CNN_DEFAULTS = { dropout: 0.5 } as const;

/**
 * The lab's own network. Four blocks (64, 128, 256 and 512 channels at width 1), global average pool, and two linear layers with dropout.
 * 4,823,114 parameters at width 1 with 10 classes and 3 channels. Images are [N, H, W, channels], H and W at least 8.
 */
export class CustomCNN extends ImageClassifier {
  readonly classes: number;
  readonly imageShape: Shape;
  readonly features: Sequential;
  readonly pool = new GlobalAvgPool2d();
  readonly classifier: Sequential;

  constructor(gpu: Gpu, options: CustomCNNOptions = {}) {
    super();
    const { width = 1, classes = 10, channels = 3, seed = 42, imageSize = 32 } = options;
    const { dropout = CUSTOM_CNN_DEFAULTS.dropout, attention = 'none', convsPerBlock = 2 } = options;
    if (!Number.isInteger(convsPerBlock) || convsPerBlock < 1) {
      throw new RangeError(`CustomCNN: convsPerBlock must be a whole number from 1, not ${convsPerBlock}.`);
    }
    if (!['none', 'se', 'cbam'].includes(attention)) {
      throw new RangeError(`CustomCNN: there is no attention '${attention}'; choose none, se or cbam.`);
    }
    this.classes = classes;
    this.imageShape = [imageSize, imageSize, channels];
    const generator = modelGenerator(seed);
    const [c1, c2, c3, c4] = [64, 128, 256, 512].map((count) => scaledChannels('CustomCNN', count, width));
    const hidden = scaledChannels('CustomCNN', 256, width);
    const form = { attention, convsPerBlock, generator };
    this.features = new Sequential({
      block1: block(gpu, channels, c1, { ...form, pool: true }),
      block2: block(gpu, c1, c2, { ...form, pool: true }),
      block3: block(gpu, c2, c3, { ...form, pool: true }),
      block4: block(gpu, c3, c4, { ...form, pool: false }),
    });
    this.classifier = new Sequential({
      dropout1: new Dropout(dropout),
      fc1: new Linear(gpu, c4, hidden, { generator }),
      relu: new ReLU(),
      dropout2: new Dropout(dropout),
      fc2: lastLayer(gpu, hidden, classes, options, { generator }),
    });
  }

  /** The means of the last block's channels: [N, H, W, channels] → [N, 512 · width]. */
  extractFeatures(images: Tensor): Tensor {
    return images.gpu.scope(() => this.pool.call(this.features.call(images)));
  }

  forward(images: Tensor): Tensor {
    return this.classifier.call(this.extractFeatures(images));
  }

  protected outputShape(images: Shape): Shape {
    return this.classifier.inferShape(this.pool.inferShape(this.features.inferShape(images)));
  }
}
