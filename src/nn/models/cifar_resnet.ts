import type { Shape, Tensor } from '../../autograd/tensor.ts';
import type { Gpu } from '../../runtime/gpu.ts';
import { type InitOptions, kaimingNormal, modelGenerator } from '../init.ts';
import { BatchNorm2d } from '../layers/batch_norm2d.ts';
import { Conv2d } from '../layers/conv2d.ts';
import { GlobalAvgPool2d } from '../layers/global_avg_pool2d.ts';
import type { Linear } from '../layers/linear.ts';
import type { Module } from '../module.ts';
import { callInTurn, inferShapeInTurn, Sequential } from '../sequential.ts';
import { BasicBlock } from './basic_block.ts';
import { type ClassifierOptions, ImageClassifier } from './image_classifier.ts';
import { lastLayer } from './last_layer.ts';
import { PaddedShortcut } from './padded_shortcut.ts';
import { scaledChannels } from './scaled_channels.ts';

/** Convolutions and linear layers that the network's name counts. */
export type CifarResNetDepth = 20 | 32 | 44 | 56 | 110;

/** `blocks` blocks; the first goes from one channel count to the next and, with stride 2, halves the image. */
function layer(gpu: Gpu, from: number, to: number, stride: number, blocks: number, init: InitOptions): Sequential {
  const downsample = stride === 1 && from === to ? undefined : new PaddedShortcut(from, to, stride);
  return new Sequential(
    ...Array.from({ length: blocks }, (_, i) =>
      i === 0 ? new BasicBlock(gpu, from, to, { stride, downsample, ...init }) : new BasicBlock(gpu, to, to, init),
    ),
  );
}

/**
 * The ResNets made for CIFAR: a convolution 3×3, three layers of (depth − 2) / 6 residual blocks with 16, 32 and 64 channels at width 1,
 * global average pool, one linear layer. Shortcuts between layers have no parameters (the paper's option A). At width 1 with 10 classes
 * and 3 channels ResNet-20, 32, 44, 56 and 110 have 269,722, 464,154, 658,586, 853,018 and 1,727,962 parameters. Names and first weights are those of
 * akamaster/pytorch_resnet_cifar10, whose files load. They have no dropout: that option changes nothing.
 * Source: He, Zhang, Ren, Sun, "Deep residual learning for image recognition", CVPR 2016, section 4.2.
 */
export class CifarResNet extends ImageClassifier {
  readonly classes: number;
  readonly imageShape: Shape;
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;
  readonly layer1: Sequential;
  readonly layer2: Sequential;
  readonly layer3: Sequential;
  readonly avgpool = new GlobalAvgPool2d();
  readonly linear: Linear;

  constructor(gpu: Gpu, depth: CifarResNetDepth, options: ClassifierOptions = {}) {
    super();
    const { width = 1, classes = 10, channels = 3, seed = 42, imageSize = 32 } = options;
    this.classes = classes;
    this.imageShape = [imageSize, imageSize, channels];
    const generator = modelGenerator(seed);
    const init: InitOptions = { generator, initWeight: kaimingNormal };
    const blocks = (depth - 2) / 6;
    const [c1, c2, c3] = [16, 32, 64].map((count) => scaledChannels('CifarResNet', count, width));
    this.conv1 = new Conv2d(gpu, channels, c1, 3, { padding: 1, bias: false, ...init });
    this.bn1 = new BatchNorm2d(gpu, c1, { activation: 'relu' });
    this.layer1 = layer(gpu, c1, c1, 1, blocks, init);
    this.layer2 = layer(gpu, c1, c2, 2, blocks, init);
    this.layer3 = layer(gpu, c2, c3, 2, blocks, init);
    this.linear = lastLayer(gpu, c3, classes, options, init);
  }

  get #trunk(): Module[] {
    return [this.conv1, this.bn1, this.layer1, this.layer2, this.layer3, this.avgpool];
  }

  /** The means of the last layer's channels: [N, H, W, channels] → [N, 64 · width]. */
  extractFeatures(images: Tensor): Tensor {
    return images.gpu.scope(() => callInTurn(this.#trunk, images));
  }

  forward(images: Tensor): Tensor {
    return this.linear.call(this.extractFeatures(images));
  }

  protected outputShape(images: Shape): Shape {
    return inferShapeInTurn([...this.#trunk, this.linear], images);
  }
}
