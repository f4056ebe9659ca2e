import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import {
  abs,
  add,
  bmm,
  CrossEntropyLoss,
  type CrossEntropyLossOptions,
  clamp,
  crossEntropy,
  div,
  exp,
  flatten,
  gelu,
  indexSelect,
  indices,
  log,
  logSoftmax,
  max,
  maximum,
  mean,
  minimum,
  mul,
  type NllLossOptions,
  neg,
  nllLoss,
  permute,
  pow,
  sqrt,
  sub,
  sum,
  type Tensor,
  tanh,
  tensor,
  transpose,
  where,
} from '../../../src/node.ts';
import { useGpu } from '../../gpu.ts';

const held = useGpu();

interface StoredArray {
  shape: number[];
  values: (number | string)[];
}
interface Case {
  operation: keyof typeof OPERATIONS;
  inputs: StoredArray[];
  arguments: unknown[];
  output: StoredArray;
  dy: StoredArray;
  gradients: (StoredArray | null)[];
}

const WORDS: Readonly<Record<string, number>> = { nan: Number.NaN, inf: Infinity, '-inf': -Infinity };
const numbers = ({ values }: StoredArray) => values.map((v) => (typeof v === 'string' ? WORDS[v] : v));

type Axes = number | number[];
type Options = CrossEntropyLossOptions;

const OPERATIONS = {
  ...{ neg, exp, log, sqrt, abs, tanh, add, sub, mul, div, maximum, minimum, where, logSoftmax, bmm, pow },
  ...{ transpose, permute, flatten },
  clamp: (x: Tensor, least: number, most: number) => clamp(x, { min: least, max: most }),
  geluTanh: (x: Tensor) => gelu(x, { approximate: 'tanh' }),
  sum: (x: Tensor, axes: Axes, keepdim: boolean) => sum(x, axes, { keepdim }),
  mean: (x: Tensor, axes: Axes, keepdim: boolean) => mean(x, axes, { keepdim }),
  max: (x: Tensor, axes: Axes, keepdim: boolean) => max(x, axes, { keepdim }),
  nllLoss: (
    x: Tensor,
    labels: number[],
    { weight, ...options }: { weight?: number[] } & Omit<NllLossOptions, 'weight'>,
  ) => nllLoss(x, indices(held.gpu, labels), { ...options, weight: weight && tensor(held.gpu, weight) }),
  crossEntropy: (x: Tensor, labels: number[], options: Options) => {
    const targets = indices(held.gpu, labels);
    const { weight, labelSmoothing, ...plain } = options;
    // The function knows no weights; the layer is all of PyTorch's.
    return weight || labelSmoothing ? new CrossEntropyLoss(options).call(x, targets) : crossEntropy(x, targets, plain);
  },
  indexSelect: (x: Tensor, axis: number, index: number[]) => indexSelect(x, axis, indices(held.gpu, index)),
};

const cases: Case[] = JSON.parse(readFileSync('test/fixtures/autograd/operations.json', 'utf8'));

/**
 * The relative error allowed: a few roundings, and what WGSL lets exp and log err by; also of an argument of 17 · log₂ 3 = 27, where a power is taken
 * by an exponential. What is not finite must be so alike.
 */
const RELATIVE = 5e-6;

function compare(actual: ArrayLike<number>, stored: StoredArray): void {
  const expected = numbers(stored);
  expect(actual.length).toBe(expected.length);
  const largest = expected.reduce((most, v) => (Number.isFinite(v) ? Math.max(most, Math.abs(v)) : most), 0);
  for (let i = 0; i < expected.length; i++) {
    const [got, wanted] = [actual[i], expected[i]];
    const close = Object.is(got + 0, wanted + 0) || Math.abs(got - wanted) <= RELATIVE * largest;
    if (!close) throw new Error(`element ${i} is ${got}, in PyTorch ${wanted} (largest ${largest})`);
  }
}

const titled = cases.map((request) => {
  const shapes = request.inputs.map(({ shape }) => `[${shape}]`).join(' ');
  return { ...request, title: `${request.operation} of ${shapes} ${JSON.stringify(request.arguments)}` };
});

it.each(titled)('$title is as in PyTorch, with its gradients', async (request) => {
  const { gpu } = held;
  const inputs = request.inputs.map((stored, i) =>
    tensor(gpu, Float32Array.from(numbers(stored)), stored.shape, { requiresGrad: request.gradients[i] !== null }),
  );
  const f = OPERATIONS[request.operation] as (...all: unknown[]) => Tensor;
  const y = f(...inputs, ...request.arguments);
  expect(y.shape).toEqual(request.output.shape);
  compare(await y.data(), request.output);
  y.backward(tensor(gpu, Float32Array.from(numbers(request.dy)), y.shape));
  for (const [i, stored] of request.gradients.entries()) {
    if (stored) compare(await (inputs[i].grad as Tensor).data(), stored);
  }
});
