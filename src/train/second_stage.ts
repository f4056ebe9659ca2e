import { mul } from '../autograd/ops/arithmetic.ts';
import type { Shape, Tensor } from '../autograd/tensor.ts';
import type { BatchSource } from '../data/batch_source.ts';
import { balancedAccuracy } from '../metrics/accuracy.ts';
import { predictedClasses } from '../metrics/classification.ts';
import { confusionMatrix } from '../metrics/confusion.ts';
import { ImageClassifier } from '../nn/models/image_classifier.ts';
import { lastLinear } from '../nn/models/outer_layers.ts';
import type { Module } from '../nn/module.ts';
import { Parameter } from '../nn/parameter.ts';
import type { Gpu } from '../runtime/gpu.ts';
import { freezeAllBut } from './freeze.ts';
import { type InferenceTask, inferRows } from './inference.ts';

/**
 * What may follow a training, on the features that it has learned: crt, a new last layer; lws, a learned scale for each class; tau-norm, no training but
 * weights of classes at more equal lengths; cam, more images of small classes, for all layers.
 */
export const SECOND_STAGES = ['crt', 'lws', 'tau-norm', 'cam'] as const;

/**
 * Classifier re-training (cRT): puts the weights of a trained network into one that has just been made, all but those of the last layer, which stay as they
 * were drawn, and freezes all but these. In training, put it into its mode by `trainUnfrozen`.
 * Source: Kang et al., "Decoupling representation and classifier for long-tailed recognition", ICLR 2020.
 */
export function withNewLastLayer<M extends ImageClassifier>(fresh: M, trained: Module): M {
  const [last] = lastLinear(fresh);
  const learned = [...trained.stateDict()].filter(([name]) => !name.startsWith(`${last}.`));
  fresh.loadStateDict(new Map(learned), { strict: false });
  freezeAllBut(fresh, [`${last}.*`]);
  return fresh;
}

/**
 * Learnable weight scaling (LWS): a trained network, frozen, whose logits are each multiplied by a number of its class, at first 1, which is learned.
 * `folded` gives the network itself back with the numbers in its last layer's weights.
 * Source: Kang et al., "Decoupling representation and classifier for long-tailed recognition", ICLR 2020.
 */
export class ScaledClassifier extends ImageClassifier {
  readonly network: ImageClassifier;
  /** [classes] */
  readonly classScale: Parameter;

  constructor(gpu: Gpu, network: ImageClassifier) {
    super();
    this.network = network;
    network.setRequiresGrad(false);
    this.classScale = new Parameter(gpu, new Float32Array(network.classes).fill(1), [network.classes]);
  }

  get classes(): number {
    return this.network.classes;
  }

  get imageShape(): Shape {
    return this.network.imageShape;
  }

  extractFeatures(images: Tensor): Tensor {
    return this.network.extractFeatures(images);
  }

  forward(images: Tensor): Tensor {
    return mul(this.network.call(images), this.classScale);
  }

  protected outputShape(images: Shape): Shape {
    return this.network.inferShape(images);
  }

  /** The network that gives the same logits without scales: its last layer is changed. */
  async folded(): Promise<ImageClassifier> {
    const scales = await this.classScale.data();
    await changeLastLayer(this.network, (weight, c) => weight * scales[c]);
    return this.network;
  }
}

/** The values of τ that are tried. */
const TAUS: readonly number[] = Array.from({ length: 21 }, (_, i) => i / 10);

/**
 * τ-normalisation: divides the last layer's weights of each class by their length to the power of τ, and sets its biases to 0. Of `TAUS` it takes the one with
 * the best balanced accuracy on validation images, the smallest of equal ones.
 * Source: Kang et al., "Decoupling representation and classifier for long-tailed recognition", ICLR 2020.
 */
export async function normalizeLastLayer(
  task: Omit<InferenceTask, 'source'> & { model: ImageClassifier; validation: BatchSource },
): Promise<{ tau: number; balancedAccuracy: number }> {
  const { model, validation, ...rest } = task;
  const { classes } = model;
  const { values } = await inferRows({ ...rest, model, source: validation }, (images) => model.call(images));
  const { weights, biases } = await lastLayerOf(model);
  const lengths = Array.from({ length: classes }, (_, c) => Math.hypot(...weights.filter((_, i) => i % classes === c)));
  const scored = TAUS.map((tau) => {
    const factors = lengths.map((length) => (length > 0 ? length ** -tau : 1));
    // The logits without their biases are the products that the new lengths scale.
    const logits = values.map((logit, i) => (logit - biases[i % classes]) * factors[i % classes]);
    const { predictions } = predictedClasses(logits, classes);
    return { tau, factors, reached: balancedAccuracy(confusionMatrix(validation.labels, predictions, classes)) };
  });
  const chosen = scored.reduce((best, one) => (one.reached > best.reached ? one : best));
  await changeLastLayer(
    model,
    (weight, c) => weight * chosen.factors[c],
    () => 0,
  );
  return { tau: chosen.tau, balancedAccuracy: chosen.reached };
}

/** weights: [features, classes]; biases: [classes], 0 where the layer has none. */
async function lastLayerOf(model: ImageClassifier) {
  const [, layer] = lastLinear(model);
  const weights = await layer.weight.data();
  return { layer, weights, biases: (await layer.bias?.data()) ?? new Float32Array(model.classes) };
}

/** Changes each number of the last layer by the class it is of. */
async function changeLastLayer(
  model: ImageClassifier,
  change: (value: number, c: number) => number,
  changeBias = change,
): Promise<void> {
  const { layer, weights, biases } = await lastLayerOf(model);
  const { gpu } = layer.weight;
  gpu.write(
    layer.weight.buffer,
    weights.map((value, i) => change(value, i % model.classes)),
  );
  if (layer.bias) gpu.write(layer.bias.buffer, biases.map(changeBias));
}
