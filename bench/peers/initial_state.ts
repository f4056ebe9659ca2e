import { readFileSync, writeFileSync } from 'node:fs';
import { EfficientNetB0 } from '../../src/nn/models/efficientnet_b0.ts';
import type { ImageClassifier } from '../../src/nn/models/image_classifier.ts';
import { createModel } from '../../src/nn/models/index.ts';
import { downloadTensors, type HostTensor } from '../../src/nn/weights/host_tensor.ts';
import { readSafetensors, writeSafetensors } from '../../src/nn/weights/safetensors.ts';
import { openDevice, Philox } from '../../src/node.ts';
import type { Gpu } from '../../src/runtime/gpu.ts';

/** Names of the batch among the model's own. */
const IMAGES = 'images';
const LABELS = 'labels';

/** Networks that the systems can be compared on. */
export const NETS = ['custom-cnn', 'resnet18', 'efficientnet-b0'] as const;
export type Net = (typeof NETS)[number];

/** A network with everything random in its training off. */
export function buildNet(gpu: Gpu, net: Net, width: number): ImageClassifier {
  const options = { width, dropout: 0 };
  return net === 'efficientnet-b0'
    ? new EfficientNetB0(gpu, { ...options, stochasticDepth: 0 })
    : createModel(gpu, net, options);
}

/**
 * Writes what all systems begin with: the state of a network by its parameters' names, in the engine's layout, and for each batch size one
 * batch of random images [N, 32, 32, 3] with labels.
 */
export async function writeInitialStates(net: Net, width: number, files: ReadonlyMap<number, string>): Promise<void> {
  const gpu = await openDevice();
  try {
    const state = await downloadTensors(buildNet(gpu, net, width).stateDict());
    for (const [batch, file] of files) {
      const generator = new Philox(42, batch);
      const images = Float32Array.from({ length: batch * 32 * 32 * 3 }, () => generator.normal());
      const labels = Uint32Array.from({ length: batch }, (_, i) => i % 10);
      const tensors = new Map<string, HostTensor>(state);
      tensors.set(IMAGES, { shape: [batch, 32, 32, 3], data: images });
      tensors.set(LABELS, { shape: [batch], data: labels });
      writeFileSync(file, writeSafetensors(tensors));
    }
  } finally {
    gpu.close();
  }
}

/** What a file holds: the batch apart from the model's state. */
export function readInitialState(file: string): {
  images: HostTensor<Float32Array>;
  labels: HostTensor<Uint32Array>;
  state: Map<string, HostTensor<Float32Array>>;
} {
  const { tensors } = readSafetensors(readFileSync(file));
  const images = tensors.get(IMAGES) as HostTensor<Float32Array>;
  const labels = tensors.get(LABELS) as HostTensor<Uint32Array>;
  tensors.delete(IMAGES);
  tensors.delete(LABELS);
  return { images, labels, state: tensors as Map<string, HostTensor<Float32Array>> };
}
