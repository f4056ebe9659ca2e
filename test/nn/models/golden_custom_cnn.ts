import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { drawnValues } from '../../../src/inspect/conformance/training_steps.ts';
import { uniform } from '../../../src/nn/init.ts';
import { CustomCNN } from '../../../src/nn/models/custom_cnn.ts';
import { fromTorch, imagesFromTorch } from '../../../src/nn/weights/layout.ts';
import { type Gpu, indices, Philox, type Tensor, tensor } from '../../../src/node.ts';

export interface GoldenParameter {
  name: string;
  /** In PyTorch's layout, as everything here. */
  shape: number[];
  stream: number;
  /** The samples are every stride-th element. */
  stride: number;
  /** What rounding of the gradient is measured by: its largest magnitude, or that of the terms of a sum that cancels. */
  scale: number;
  grad: string;
  gradNorm: number;
  weight5: string;
  sensitivity: string;
}

export interface Golden {
  seed: number;
  imagesStream: number;
  labels: number[];
  width: number;
  adam: { lr: number; weightDecay: number; steps: number };
  loss: number;
  logits: string;
  evalLogits: string;
  running1: Record<string, string>;
  running5: Record<string, string>;
  /** Grad-CAM of the labels by the name of a module, after one forward pass in training mode. */
  gradCam: Record<string, { maps: string; cancelled: number[] }>;
  parameters: GoldenParameter[];
}

export const golden: Golden = JSON.parse(
  readFileSync(new URL('../../fixtures/nn/custom_cnn.json', import.meta.url), 'utf8'),
);

/** Values as the fixture holds them. */
export function decode(text: string): Float32Array {
  return new Float32Array(Uint8Array.from(Buffer.from(text, 'base64')).buffer);
}

/** The network with the fixture's first weights. */
export function goldenModel(gpu: Gpu): CustomCNN {
  const model = new CustomCNN(gpu, { width: golden.width, dropout: 0 });
  const state = golden.parameters.map((parameter): [string, Tensor] => {
    const { shape, data } = fromTorch(drawnValues(golden.seed, parameter));
    return [parameter.name, tensor(gpu, data, shape)];
  });
  const { missing } = model.loadStateDict(new Map(state), { strict: false });
  expect(missing.every((name) => name.includes('running'))).toBe(true);
  return model;
}

/** The fixture's four images. */
export function goldenBatch(gpu: Gpu): { images: Tensor; labels: Tensor<'u32'> } {
  const shape = [4, 3, 32, 32];
  const generator = new Philox(golden.seed, golden.imagesStream);
  const images = imagesFromTorch({ shape, data: uniform(shape, 2, generator) });
  return { images: tensor(gpu, images.data, images.shape), labels: indices(gpu, golden.labels) };
}
