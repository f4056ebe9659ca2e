import { describe, expect, it } from 'vitest';
import {
  adaptiveAvgPool2d,
  add,
  addRelu,
  avgPool2d,
  batchHardTriplet,
  batchNorm2d,
  channelPool2d,
  concat,
  conv2d,
  convTranspose2d,
  crossEntropy,
  dropout,
  gelu,
  globalMaxPool2d,
  groupNorm,
  indices,
  interpolate,
  layerNorm,
  leakyRelu,
  linear,
  matmul,
  maxPool2d,
  mean,
  mul,
  normalizeRows,
  pad,
  pad2d,
  pairwiseDistances,
  relu,
  type Shape,
  sigmoid,
  silu,
  slice,
  softmax,
  softmaxLoss,
  stochasticDepth,
  sum,
  supervisedContrastive,
  type Tensor,
  tensor,
} from '../../../src/node.ts';
import { RUNGS } from '../../../src/runtime/rungs.ts';
import { randomValues, useGpu } from '../../gpu.ts';

const held = useGpu();

/** Far beyond the other values, so that it decides every comparison that it can. */
const FAR = 50;

interface Case {
  name: string;
  /** The gradient tells places and signs of the input apart and nothing else of it: where the input is NaN, it passes. */
  passes?: boolean;
  shapes: readonly Shape[];
  run: (inputs: readonly Tensor[]) => Tensor;
}

const labels = () => indices(held.gpu, [0, 1, 0, 1, 0, 1]);
const statistics = () => [tensor(held.gpu, [0.1, 0.2, -0.1, 0.3]), tensor(held.gpu, [1, 2, 0.5, 1.5])] as const;

const IMAGES = [2, 5, 4, 4];
const one = (name: string, run: (x: Tensor) => Tensor, shape: Shape = IMAGES, passes = false): Case => ({
  name,
  passes,
  shapes: [shape],
  run: ([x]) => run(x),
});

/** Operations that draw give the same draw each time: the test sets the generator back. */
const CASES: readonly Case[] = [
  one('relu', relu, IMAGES, true),
  one('leakyRelu', (x) => leakyRelu(x, 0.1), IMAGES, true),
  one('gelu', gelu),
  one('silu', silu),
  one('sigmoid', sigmoid),
  { name: 'add', shapes: [IMAGES, IMAGES], run: ([a, b]) => add(a, b) },
  { name: 'addRelu', passes: true, shapes: [IMAGES, IMAGES], run: ([a, b]) => addRelu(a, b) },
  { name: 'mul, broadcast', shapes: [IMAGES, [4]], run: ([a, b]) => mul(a, b) },
  one('sum', sum),
  one('mean', mean),
  one('softmax', softmax, [3, 7]),
  one('dropout', (x) => dropout(x, 0.5, true)),
  one('stochasticDepth', (x) => stochasticDepth(x, 0.5, true)),
  one('maxPool2d', (x) => maxPool2d(x, { kernelSize: 3, stride: 2, padding: 1 }), IMAGES, true),
  one('maxPool2d of 3 channels', (x) => maxPool2d(x, { kernelSize: 2, stride: 1 }), [1, 4, 3, 3], true),
  one('maxPool2d with dilation', (x) => maxPool2d(x, { kernelSize: 2, stride: 1, dilation: 2 }), IMAGES, true),
  one('avgPool2d', (x) => avgPool2d(x, { kernelSize: 2, stride: 2 })),
  one('avgPool2d in ceil mode', (x) => avgPool2d(x, { kernelSize: 3, padding: 1, ceilMode: true })),
  ...(['constant', 'reflect', 'replicate'] as const).map((mode) =>
    one(`pad2d, ${mode}`, (x) => pad2d(x, [1, 2, 3, 0], { mode })),
  ),
  one('interpolate by the nearest', (x) => interpolate(x, { scaleFactor: 1.5 })),
  one('interpolate, bilinear', (x) => interpolate(x, { scaleFactor: 1.5, mode: 'bilinear' })),
  { name: 'groupNorm', shapes: [IMAGES, [4], [4]], run: ([x, weight, bias]) => groupNorm(x, 2, { weight, bias }) },
  { name: 'layerNorm', shapes: [IMAGES, [4], [4]], run: ([x, weight, bias]) => layerNorm(x, 4, { weight, bias }) },
  one('adaptiveAvgPool2d', (x) => adaptiveAvgPool2d(x, [2, 3])),
  one('channelPool2d', channelPool2d, IMAGES, true),
  one('globalMaxPool2d', globalMaxPool2d, IMAGES, true),
  one('slice', (x) => slice(x, [{}, { start: 1, end: 4 }, { step: 2 }])),
  one('pad', (x) =>
    pad(x, [
      [0, 0],
      [1, 1],
      [0, 2],
      [0, 0],
    ]),
  ),
  {
    name: 'concat',
    shapes: [
      [2, 3],
      [2, 2],
    ],
    run: ([a, b]) => concat([a, b], 1),
  },
  {
    name: 'matmul',
    shapes: [
      [3, 8],
      [8, 4],
    ],
    run: ([a, b]) => matmul(a, b),
  },
  { name: 'linear', shapes: [[3, 8], [8, 5], [5]], run: ([x, w, b]) => linear(x, w, b) },
  ...[true, false].map((training) => ({
    name: `batchNorm2d in ${training ? 'training' : 'evaluation'}, with ReLU`,
    passes: true,
    shapes: [IMAGES, [4], [4]],
    run: ([x, weight, bias]: readonly Tensor[]) => {
      const [runningMean, runningVar] = statistics();
      const parts = { weight, bias, runningMean, runningVar, training };
      return batchNorm2d(x, { ...parts, momentum: 0.1, eps: 1e-5, relu: true });
    },
  })),
  ...[1, 2, 4].map((groups) => ({
    name: `conv2d in ${groups} groups`,
    shapes: [IMAGES, [3, 3, 4 / groups, 8], [8]],
    run: ([x, w, b]: readonly Tensor[]) => conv2d(x, w, b, { padding: 1, stride: 2, groups }),
  })),
  {
    name: 'conv2d with dilation',
    shapes: [IMAGES, [2, 2, 4, 8]],
    run: ([x, w]) => conv2d(x, w, undefined, { padding: 'same', dilation: 2 }),
  },
  {
    name: 'convTranspose2d',
    shapes: [IMAGES, [3, 3, 8, 4], [8]],
    run: ([x, w, b]) => convTranspose2d(x, w, b, { stride: 2, padding: 1, outputPadding: 1 }),
  },
  {
    name: 'conv2d, depthwise',
    shapes: [IMAGES, [3, 3, 1, 4]],
    run: ([x, w]) => conv2d(x, w, undefined, { padding: 1, groups: 4 }),
  },
  one('crossEntropy', (x) => crossEntropy(x, labels()), [6, 5]),
  one('softmaxLoss', (x) => softmaxLoss(x, labels(), {}), [6, 5]),
  one('softmaxLoss, focal', (x) => softmaxLoss(x, labels(), { gamma: 2, labelSmoothing: 0.1 }), [6, 5]),
  one('normalizeRows', (x) => normalizeRows(x), [4, 6]),
  one('pairwiseDistances', pairwiseDistances, [4, 3]),
  one('supervisedContrastive', (x) => supervisedContrastive(x, labels(), { temperature: 0.5 }), [6, 4]),
  one('batchHardTriplet', (x) => batchHardTriplet(x, labels(), { margin: 0.5, reduction: 'none' }), [6, 6]),
];

const values = (shape: Shape, seed: number) =>
  randomValues(
    shape.reduce((a, b) => a * b, 1),
    seed,
  );

/** The operation's output, or, where dy is given, the gradients of its inputs behind one another, for these inputs. */
async function evaluate({ shapes, run }: Case, inputs: readonly Float32Array[], dy?: Float32Array): Promise<number[]> {
  const { gpu } = held;
  gpu.generator = { seed: 5, stream: 0, offset: 3 };
  const tensors = inputs.map((data, i) => tensor(gpu, data, shapes[i], { requiresGrad: dy !== undefined }));
  const y = run(tensors);
  if (dy === undefined) return [...(await y.data())];
  y.backward(tensor(gpu, dy, y.shape));
  const gradients: number[] = [];
  for (const { grad } of tensors) gradients.push(...(await grad!.data()));
  return gradients;
}

/** Which numbers of `after` are not those of `before`. */
const changed = (before: readonly number[], after: readonly number[]) =>
  [...after.keys()].filter((i) => !Object.is(before[i], after[i]));

function withValue(data: Float32Array, at: number, value: number): Float32Array {
  const copy = data.slice();
  copy[at] = value;
  return copy;
}

describe.each(RUNGS)('a NaN goes on to all that depends on it, %s rung', (rung) => {
  it.each(CASES)('$name', async (operation) => {
    const { gpu } = held;
    gpu.forcedRung = rung;
    try {
      const inputs = operation.shapes.map((shape, i) => values(shape, 11 + i));
      const y = await evaluate(operation, inputs);
      for (const [k, data] of inputs.entries()) {
        for (const at of [0, Math.floor(data.length / 2), data.length - 1]) {
          const given = (value: number) => inputs.map((other, i) => (i === k ? withValue(data, at, value) : other));
          // What a large value changes depends on it; that is no more than what a NaN reaches.
          const depends = new Set([
            ...changed(y, await evaluate(operation, given(FAR))),
            ...changed(y, await evaluate(operation, given(-FAR))),
          ]);
          const reached = await evaluate(operation, given(Number.NaN));
          expect([...depends].filter((i) => !Number.isNaN(reached[i]))).toEqual([]);
        }
      }
    } finally {
      gpu.forcedRung = undefined;
    }
  });

  it.each(CASES)('the gradient of $name', async (operation) => {
    const { gpu } = held;
    gpu.forcedRung = rung;
    try {
      const inputs = operation.shapes.map((shape, i) => values(shape, 11 + i));
      const count = (await evaluate(operation, inputs)).length;
      const dy = values([count], 31);
      const dx = await evaluate(operation, inputs, dy);
      for (const at of new Set([0, Math.floor(count / 2), count - 1])) {
        const depends = changed(dx, await evaluate(operation, inputs, withValue(dy, at, FAR)));
        const reached = await evaluate(operation, inputs, withValue(dy, at, Number.NaN));
        expect(depends.filter((i) => !Number.isNaN(reached[i]))).toEqual([]);
      }
    } finally {
      gpu.forcedRung = undefined;
    }
  });
});

describe.each(CASES.filter(({ passes }) => !passes))('the gradient of $name at a NaN', (operation) => {
  it('is NaN in all that depends on that value', async () => {
    const inputs = operation.shapes.map((shape, i) => values(shape, 11 + i));
    const dy = values([(await evaluate(operation, inputs)).length], 31);
    const dx = await evaluate(operation, inputs, dy);
    for (const [k, data] of inputs.entries()) {
      const given = (value: number) => inputs.map((other, i) => (i === k ? withValue(data, 1, value) : other));
      const depends = changed(dx, await evaluate(operation, given(FAR), dy));
      const reached = await evaluate(operation, given(Number.NaN), dy);
      expect(depends.filter((i) => !Number.isNaN(reached[i]))).toEqual([]);
    }
  });
});

it('dropout hands on the NaN that it drops too, as 0 · NaN is one', async () => {
  const { gpu } = held;
  const x = tensor(gpu, new Float32Array(101).fill(Number.NaN), [101], { requiresGrad: true });
  const y = dropout(x, 0.5, true);
  expect([...(await y.data())].every(Number.isNaN)).toBe(true);
  y.backward(tensor(gpu, new Float32Array(101).fill(Number.NaN)));
  expect([...(await x.grad!.data())].every(Number.isNaN)).toBe(true);
});

it.each([
  ['its input', [1, Number.NaN, -9, 2], [0, 0, 0, 0]],
  ['its bias', [1, 2, -9, 2], [0, Number.NaN, 0, 0]],
])('the gradient of batch norm with ReLU passes where its output is NaN by %s', async (_what, values, biases) => {
  const { gpu } = held;
  const [runningMean, runningVar] = statistics();
  const x = tensor(gpu, values, [1, 4], { requiresGrad: true });
  const weight = tensor(gpu, [1, 2, 3, 4]);
  const bias = tensor(gpu, biases, [4], { requiresGrad: true });
  const parts = { weight, bias, runningMean, runningVar, training: false };
  batchNorm2d(x, { ...parts, momentum: 0.1, eps: 0, relu: true }).backward(tensor(gpu, [3, 5, 7, 11], [1, 4]));
  expect([...(await bias.grad!.data())]).toEqual([3, 5, 0, 11]);
  // Of a NaN in x the gradient takes (x − mean) · 0 along.
  const passed = (await x.grad!.data())[1];
  if (Number.isNaN(values[1])) expect(passed).toBeNaN();
  else expect(passed).toBeCloseTo((5 * 2) / Math.sqrt(2), 5);
});

describe('where an output is NaN, its gradient passes', () => {
  it.each([
    ['relu', (x: Tensor) => relu(x)],
    ['leakyRelu', (x: Tensor) => leakyRelu(x, 1)],
    ['addRelu', (x: Tensor) => addRelu(x, tensor(held.gpu, [0, 0, 0, 0]))],
  ] as const)('through %s, as in PyTorch', async (_name, run) => {
    const x = tensor(held.gpu, [1, Number.NaN, -1, 2], [4], { requiresGrad: true });
    run(x).backward(tensor(held.gpu, [3, 5, 0, 7]));
    expect([...(await x.grad!.data())]).toEqual([3, 5, 0, 7]);
  });
});
