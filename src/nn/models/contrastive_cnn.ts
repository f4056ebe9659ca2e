import type { Shape, Tensor } from '../../autograd/tensor.ts';
import type { Gpu } from '../../runtime/gpu.ts';
import { Philox } from '../../runtime/philox.ts';
import { Linear } from '../layers/linear.ts';
import { ReLU } from '../layers/relu.ts';
import { Sequential } from '../sequential.ts';
import { CustomCNN, type CustomCNNOptions } from './custom_cnn.ts';
import { ImageClassifier } from './image_classifier.ts';

/** Stream of a seed that the projection's first weights are drawn from. */
const PROJECTION_STREAM = 0x50520000;

/**
 * CustomCNN with a projection, two linear layers, from its features to the embeddings that contrastive training compares; thrown away after it.
 * It decides by the network's own classifier.
 * Source: Khosla et al., "Supervised contrastive learning", NeurIPS 2020.
 */
export class ContrastiveCNN extends ImageClassifier {
  readonly classes: number;
  readonly imageShape: Shape;
  readonly network: CustomCNN;
  readonly projection: Sequential;

  /** embedding: size of the embeddings, at most that of the features. */
  constructor(gpu: Gpu, { embedding = 128, ...options }: CustomCNNOptions & { embedding?: number } = {}) {
    super();
    this.network = new CustomCNN(gpu, options);
    this.classes = this.network.classes;
    this.imageShape = this.network.imageShape;
    const [, features] = this.network.pool.inferShape(this.network.features.inferShape([1, ...this.imageShape]));
    const generator = new Philox(options.seed ?? 42, PROJECTION_STREAM);
    this.projection = new Sequential({
      fc1: new Linear(gpu, features, features, { generator }),
      relu: new ReLU(),
      fc2: new Linear(gpu, features, Math.min(embedding, features), { generator }),
    });
  }

  /**
   * The embeddings, [N, embedding], and the logits, [N, classes], of which the gradient ends at the features: the classifier learns to read what
   * contrastive training makes of them, and leaves no trace in them.
   */
  forwardBoth(images: Tensor): { embeddings: Tensor; logits: Tensor } {
    return images.gpu.scope(() => {
      const features = this.network.extractFeatures(images);
      return {
        embeddings: this.projection.call(features),
        logits: this.network.classifier.call(features.detach()),
      };
    });
  }

  extractFeatures(images: Tensor): Tensor {
    return this.network.extractFeatures(images);
  }

  forward(images: Tensor): Tensor {
    return this.network.call(images);
  }

  protected outputShape(images: Shape): Shape {
    this.projection.inferShape(this.network.pool.inferShape(this.network.features.inferShape(images)));
    return this.network.inferShape(images);
  }
}
