import type { Shape, Tensor } from '../../autograd/tensor.ts';
import type { Gpu } from '../../runtime/gpu.ts';
import { Philox } from '../../runtime/philox.ts';
import { GlobalAvgPool2d } from '../layers/global_avg_pool2d.ts';
import { Linear } from '../layers/linear.ts';
import { callInTurn, inferShapeInTurn, Sequential } from '../sequential.ts';
import { CustomCNN, type CustomCNNOptions } from './custom_cnn.ts';
import { ImageClassifier } from './image_classifier.ts';

/** Stream of a seed that the second classifier's first weights are drawn from. */
const AUXILIARY_STREAM = 0x41580000;

/**
 * CustomCNN with a second classifier, one linear layer, on the means of its third block's channels: trained by both, the inner blocks get a
 * gradient that has not gone through the last one. It decides by the network's own classifier alone.
 * Source: Lee et al., "Deeply-supervised nets", AISTATS 2015; Szegedy et al., "Going deeper with convolutions", CVPR 2015.
 */
export class AuxiliaryCNN extends ImageClassifier {
  readonly classes: number;
  readonly imageShape: Shape;
  readonly network: CustomCNN;
  readonly auxiliary: Sequential;

  constructor(gpu: Gpu, options: CustomCNNOptions = {}) {
    super();
    this.network = new CustomCNN(gpu, options);
    this.classes = this.network.classes;
    this.imageShape = this.network.imageShape;
    const channels = inferShapeInTurn(this.#inner(), [1, ...this.imageShape])[3];
    // A generator of its own: the network has the first weights of a CustomCNN with the same options.
    const generator = new Philox(options.seed ?? 42, AUXILIARY_STREAM);
    this.auxiliary = new Sequential({
      pool: new GlobalAvgPool2d(),
      fc: new Linear(gpu, channels, this.classes, { generator }),
    });
  }

  /** The blocks up to the one that the second classifier reads. */
  #inner() {
    return ['block1', 'block2', 'block3'].map((name) => this.network.features.get(name));
  }

  /** The logits of both classifiers, [N, classes] each. */
  forwardBoth(images: Tensor): { logits: Tensor; auxiliary: Tensor } {
    return images.gpu.scope(() => {
      const inner = callInTurn(this.#inner(), images);
      const features = this.network.pool.call(this.network.features.get('block4').call(inner));
      return { logits: this.network.classifier.call(features), auxiliary: this.auxiliary.call(inner) };
    });
  }

  extractFeatures(images: Tensor): Tensor {
    return this.network.extractFeatures(images);
  }

  forward(images: Tensor): Tensor {
    return this.network.call(images);
  }

  protected outputShape(images: Shape): Shape {
    this.auxiliary.inferShape(inferShapeInTurn(this.#inner(), images));
    return this.network.inferShape(images);
  }
}
