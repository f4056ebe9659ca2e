import type { Shape, Tensor } from '../../autograd/tensor.ts';
import type { Gpu } from '../../runtime/gpu.ts';
import { type InitOptions, kaimingNormal, modelGenerator } from '../init.ts';
import { BatchNorm2d } from '../layers/batch_norm2d.ts';
import { Conv2d } from '../layers/conv2d.ts';
import { GlobalAvgPool2d } from '../layers/global_avg_pool2d.ts';
import type { Linear } from '../layers/linear.ts';
import { MaxPool2d } from '../layers/max_pool2d.ts';
import type { Module } from '../module.ts';
import { callInTurn, inferShapeInTurn, Sequential } from '../sequential.ts';
import { BasicBlock } from './basic_block.ts';
import { type ClassifierOptions, ImageClassifier } from './image_classifier.ts';
import { lastLayer } from './last_layer.ts';
import { scaledChannels } from './scaled_channels.ts';

/** `blocks` blocks; the first goes from one channel count to the next and, with stride 2, halves the image. */
function layer(gpu: Gpu, from: number, to: number, stride: number, blocks: number, init: InitOptions): Sequential {
  const first = { stride, ...init };
  const downsample =
    stride === 1 && from === to
      ? undefined
      : new Sequential(new Conv2d(gpu, from, to, 1, { stride, bias: false, ...init }), new BatchNorm2d(gpu, to));
  return new Sequential(
    ...Array.from({ length: blocks }, (_, i) =>
      i === 0 ? new BasicBlock(gpu, from, to, { ...first, downsample }) : new BasicBlock(gpu, to, to, init),
    ),
  );
}

/** Blocks of each of the four layers. */
export type LayerBlocks = readonly [number, number, number, number];

/**
 * The ResNets of basic blocks as torchvision has them: a first convolution, four layers of residual blocks (64, 128, 256 and 512 channels at width 1),
 * global average pool, one linear layer. Names and first weights are torchvision's, so that its state dicts load. They have no dropout: that option
 * changes nothing.
 * Source: He, Zhang, Ren, Sun, "Deep residual learning for image recognition", CVPR 2016.
 */
export abstract class TorchvisionResNet extends ImageClassifier {
  readonly classes: number;
  readonly imageShape: Shape;
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;
  readonly maxpool: MaxPool2d | undefined;
  readonly layer1: Sequential;
  readonly layer2: Sequential;
  readonly layer3: Sequential;
  readonly layer4: Sequential;
  readonly avgpool = new GlobalAvgPool2d();
  readonly fc: Linear;

  constructor(gpu: Gpu, blocks: LayerBlocks, options: ClassifierOptions = {}) {
    super();
    const { form = 'cifar', width = 1, classes = 10, channels = 3, seed = 42 } = options;
    const { imageSize = form === 'cifar' ? 32 : 224 } = options;
    this.classes = classes;
    this.imageShape = [imageSize, imageSize, channels];
    const generator = modelGenerator(seed);
    const init: InitOptions = {
      generator,
      initWeight: (shape) => kaimingNormal(shape, generator, { mode: 'fanOut' }),
    };
    const [c1, c2, c3, c4] = [64, 128, 256, 512].map((count) => scaledChannels(new.target.name, count, width));
    this.conv1 =
      form === 'cifar'
        ? new Conv2d(gpu, channels, c1, 3, { padding: 1, bias: false, ...init })
        : new Conv2d(gpu, channels, c1, 7, { stride: 2, padding: 3, bias: false, ...init });
    this.bn1 = new BatchNorm2d(gpu, c1, { activation: 'relu' });
    this.maxpool = form === 'cifar' ? undefined : new MaxPool2d(3, { stride: 2, padding: 1 });
    this.layer1 = layer(gpu, c1, c1, 1, blocks[0], init);
    this.layer2 = layer(gpu, c1, c2, 2, blocks[1], init);
    this.layer3 = layer(gpu, c2, c3, 2, blocks[2], init);
    this.layer4 = layer(gpu, c3, c4, 2, blocks[3], init);
    this.fc = lastLayer(gpu, c4, classes, options, { generator });
  }

  get #trunk(): Module[] {
    const { conv1, bn1, maxpool, layer1, layer2, layer3, layer4, avgpool } = this;
    return [conv1, bn1, ...(maxpool ? [maxpool] : []), layer1, layer2, layer3, layer4, avgpool];
  }

  /** The means of the last layer's channels: [N, H, W, channels] → [N, 512 · width]. */
  extractFeatures(images: Tensor): Tensor {
    return images.gpu.scope(() => callInTurn(this.#trunk, images));
  }

  forward(images: Tensor): Tensor {
    return this.fc.call(this.extractFeatures(images));
  }

  protected outputShape(images: Shape): Shape {
    return inferShapeInTurn([...this.#trunk, this.fc], images);
  }
}
