import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { drawnValues } from '../../../src/inspect/conformance/training_steps.ts';
import { uniform } from '../../../src/nn/init.ts';
import { CrossEntropyLoss } from '../../../src/nn/losses/cross_entropy.ts';
import { SGD } from '../../../src/nn/optimizers/sgd.ts';
import { imagesFromTorch, toTorch } from '../../../src/nn/weights/layout.ts';
import { loadWeights } from '../../../src/nn/weights/load_weights.ts';
import { type Gpu, type ImageClassifier, indices, noGrad, Philox, type Tensor, tensor } from '../../../src/node.ts';
import { relativeError } from '../../gpu.ts';

interface GoldenParameter {
  name: string;
  /** In PyTorch's layout, as everything here. */
  shape: number[];
  stream: number;
  /** The samples are every stride-th element. */
  stride: number;
  /** Whether the gradient is 0 but for rounding, a sum whose terms cancel. */
  cancels: boolean;
  /** What rounding of the gradient is measured by: its largest magnitude, or, where it cancels, the sum of its terms' magnitudes. */
  scale: number;
  grad: string;
  gradNorm: number;
  /** After the steps. */
  weight: string;
  weightNorm: number;
}

/** What PyTorch computes of a network in float64; see test/fixtures/nn/make_models.py. */
export interface ModelGolden {
  seed: number;
  imagesStream: number;
  labels: number[];
  width: number;
  size: number;
  sgd: { lr: number; momentum: number; steps: number };
  loss: number;
  logits: string;
  evalLogits: string;
  /** After the first pass in training mode. */
  running: Record<string, string>;
  parameters: GoldenParameter[];
}

/** Largest errors allowed, relative to the largest value of a tensor. */
export interface GoldenLimits {
  forward: number;
  gradient: number;
  /** Of a gradient whose terms cancel. */
  cancelled: number;
  /** Of the weights after the steps. */
  weights: number;
}

export function readGolden(name: string): ModelGolden {
  return JSON.parse(readFileSync(new URL(`../../fixtures/nn/model_${name}.json`, import.meta.url), 'utf8'));
}

/** Values that a fixture holds. */
export function decode(text: string): Float32Array {
  return new Float32Array(Uint8Array.from(Buffer.from(text, 'base64')).buffer);
}

const norm = (values: Float32Array) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
const largest = (values: Float32Array) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/** Gives a network the first values that the fixtures' scripts draw. */
export function loadInitial(
  model: ImageClassifier,
  { seed, parameters }: { seed: number; parameters: readonly Pick<GoldenParameter, 'name' | 'shape' | 'stream'>[] },
): void {
  const weights = new Map(parameters.map((parameter) => [parameter.name, drawnValues(seed, parameter)]));
  const { missing } = loadWeights(model, weights, { strict: false });
  expect(missing.filter((name) => !name.includes('running'))).toEqual([]);
}

function goldenBatch(gpu: Gpu, { seed, imagesStream, labels, size }: ModelGolden) {
  const shape = [labels.length, 3, size, size];
  const images = imagesFromTorch({ shape, data: uniform(shape, 2, new Philox(seed, imagesStream)) });
  return { images: tensor(gpu, images.data, images.shape), labels: indices(gpu, labels) };
}

/** All values of tensors, in PyTorch's layout, read at one go. */
function inTorchLayout(tensors: readonly Tensor[]): Promise<Float32Array[]> {
  return Promise.all(tensors.map(async (t) => toTorch({ shape: t.shape, data: await t.data() }).data));
}

/** Holds every stride-th value against `expected`, and all of them by their norm. */
function expectValues(
  what: string,
  got: Float32Array,
  expected: Float32Array,
  stride: number,
  wholeNorm: number,
  limit: number,
) {
  const samples = got.filter((_, i) => i % stride === 0);
  expect(samples.length, what).toBe(expected.length);
  expect(largest(samples.map((value, i) => value - expected[i])), what).toBeLessThan(limit);
  expect(Math.abs(norm(got) - wholeNorm), `norm of ${what}`).toBeLessThan(limit * Math.sqrt(got.length));
}

/**
 * Holds a network against PyTorch: logits, loss, running statistics and every parameter's gradient in training mode, logits in evaluation
 * mode.
 */
export async function expectFirstStep(
  model: ImageClassifier,
  golden: ModelGolden,
  limits: GoldenLimits,
): Promise<void> {
  const { gpu } = model.parameters()[0];
  loadInitial(model, golden);
  const { images, labels } = goldenBatch(gpu, golden);
  const logits = model.call(images);
  const loss = new CrossEntropyLoss().call(logits, labels);
  expect(relativeError(await logits.data(), decode(golden.logits))).toBeLessThan(limits.forward);
  expect(Math.abs((await loss.item()) / golden.loss - 1)).toBeLessThan(limits.forward);
  loss.backward();
  const buffers = model.namedBuffers();
  expect(buffers.map(([name]) => name).sort()).toEqual(Object.keys(golden.running).sort());
  const running = await inTorchLayout(model.buffers());
  for (const [i, [name]] of buffers.entries()) {
    expect(relativeError(running[i], decode(golden.running[name])), name).toBeLessThan(limits.forward);
  }
  expect(model.namedParameters().map(([name]) => name)).toEqual(golden.parameters.map(({ name }) => name));
  const grads = await inTorchLayout(model.parameters().map((parameter) => parameter.grad as Tensor));
  for (const [i, { name, stride, cancels, scale, grad, gradNorm }] of golden.parameters.entries()) {
    const limit = (cancels ? limits.cancelled : limits.gradient) * scale;
    expectValues(`gradient of ${name}`, grads[i], decode(grad), stride, gradNorm, limit);
  }
  const evalLogits = noGrad(() => model.eval().call(images));
  expect(relativeError(await evalLogits.data(), decode(golden.evalLogits))).toBeLessThan(limits.forward);
}

/** Holds every parameter after the steps of SGD against PyTorch's. */
export async function expectSteps(model: ImageClassifier, golden: ModelGolden, limits: GoldenLimits): Promise<void> {
  const { gpu } = model.parameters()[0];
  loadInitial(model, golden);
  const { images, labels } = goldenBatch(gpu, golden);
  const optimizer = new SGD(model.parameters(), golden.sgd);
  const criterion = new CrossEntropyLoss();
  for (let step = 0; step < golden.sgd.steps; step++) {
    gpu.scope(() => {
      optimizer.zeroGrad();
      criterion.call(model.call(images), labels).backward();
      optimizer.step();
    });
  }
  const weights = await inTorchLayout(model.parameters());
  let moved = 0;
  for (const [i, parameter] of golden.parameters.entries()) {
    const { name, stride, weight, weightNorm } = parameter;
    const limit = limits.weights * largest(weights[i]);
    expectValues(name, weights[i], decode(weight), stride, weightNorm, limit);
    const before = drawnValues(golden.seed, parameter).data.filter((_, i) => i % stride === 0);
    if (largest(decode(weight).map((value, i) => value - before[i])) > 10 * limit) moved++;
  }
  // Most have gone ten times as far as they may be off. Those that have not have small gradients, which the first step holds.
  expect(moved).toBeGreaterThan(0.75 * golden.parameters.length);
}
