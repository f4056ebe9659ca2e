import { describe, expect, it } from 'vitest';
import {
  AdaptiveAvgPool2d,
  AvgPool2d,
  BatchNorm2d,
  Conv2d,
  Dropout,
  Flatten,
  GELU,
  GlobalAvgPool2d,
  type Gpu,
  LeakyReLU,
  Linear,
  MaxPool2d,
  type Module,
  ReLU,
  type Shape,
  Sigmoid,
  SiLU,
  StochasticDepth,
  type Tensor,
} from '../../../src/node.ts';
import { randomTensor, relativeError, useGpu } from '../../gpu.ts';

const held = useGpu();

interface Case {
  name: string;
  make: (gpu: Gpu) => Module;
  input: Shape;
  output: Shape;
}

const CASES: Case[] = [
  { name: 'Conv2d', make: (gpu) => new Conv2d(gpu, 3, 5, 3), input: [2, 7, 9, 3], output: [2, 5, 7, 5] },
  {
    name: 'Conv2d with stride and padding',
    make: (gpu) => new Conv2d(gpu, 4, 8, [3, 5], { stride: [2, 3], padding: [1, 2] }),
    input: [1, 8, 10, 4],
    output: [1, 4, 4, 8],
  },
  {
    name: 'Conv2d in groups',
    make: (gpu) => new Conv2d(gpu, 6, 9, 3, { groups: 3, padding: 1 }),
    input: [2, 7, 9, 6],
    output: [2, 7, 9, 9],
  },
  { name: 'BatchNorm2d', make: (gpu) => new BatchNorm2d(gpu, 4), input: [2, 3, 5, 4], output: [2, 3, 5, 4] },
  { name: 'ReLU', make: () => new ReLU(), input: [3, 7], output: [3, 7] },
  { name: 'Sigmoid', make: () => new Sigmoid(), input: [3, 7], output: [3, 7] },
  { name: 'SiLU', make: () => new SiLU(), input: [3, 7], output: [3, 7] },
  { name: 'GELU', make: () => new GELU(), input: [3, 7], output: [3, 7] },
  { name: 'LeakyReLU', make: () => new LeakyReLU(), input: [3, 7], output: [3, 7] },
  { name: 'MaxPool2d', make: () => new MaxPool2d(2), input: [2, 5, 7, 3], output: [2, 2, 3, 3] },
  {
    name: 'MaxPool2d with stride and padding',
    make: () => new MaxPool2d(3, { stride: 2, padding: 1 }),
    input: [1, 8, 7, 4],
    output: [1, 4, 4, 4],
  },
  { name: 'AvgPool2d', make: () => new AvgPool2d(2), input: [2, 5, 7, 3], output: [2, 2, 3, 3] },
  { name: 'AdaptiveAvgPool2d', make: () => new AdaptiveAvgPool2d([2, 3]), input: [2, 5, 7, 3], output: [2, 2, 3, 3] },
  { name: 'StochasticDepth', make: () => new StochasticDepth(0.5), input: [3, 2, 2, 4], output: [3, 2, 2, 4] },
  { name: 'GlobalAvgPool2d', make: () => new GlobalAvgPool2d(), input: [2, 3, 5, 4], output: [2, 4] },
  { name: 'Dropout', make: () => new Dropout(0.5), input: [2, 6], output: [2, 6] },
  { name: 'Linear', make: (gpu) => new Linear(gpu, 6, 3), input: [5, 6], output: [5, 3] },
  { name: 'Flatten', make: () => new Flatten(), input: [2, 3, 5, 4], output: [2, 60] },
];

describe('layers', () => {
  it.each(CASES)('$name infers the shape that it computes', async ({ make, input, output }) => {
    const { gpu } = held;
    const layer = make(gpu);
    expect(layer.inferShape(input)).toEqual(output);
    const y = layer.call(randomTensor(gpu, input, 1));
    expect(y.shape).toEqual(output);
    expect((await y.data()).every(Number.isFinite)).toBe(true);
  });

  it.each([
    ['Conv2d', (gpu: Gpu) => new Conv2d(gpu, 3, 5, 3), [2, 7, 9, 4], 'Conv2d: the input must be [N, H, W, 3]'],
    [
      'Conv2d',
      (gpu: Gpu) => new Conv2d(gpu, 3, 5, 3),
      [2, 2, 9, 3],
      'Conv2d: a window of 3×3 does not fit into an image of 2×9',
    ],
    ['BatchNorm2d', (gpu: Gpu) => new BatchNorm2d(gpu, 4), [2, 3, 4, 5], 'BatchNorm2d: the input must be [N, H, W, 4]'],
    ['Linear', (gpu: Gpu) => new Linear(gpu, 6, 3), [5, 7], 'Linear: the input must be [N, 6]; its shape is [5,7]'],
    ['MaxPool2d', () => new MaxPool2d(2), [5, 7], 'MaxPool2d: the input must be [N, H, W, C]; its shape is [5,7]'],
    ['AvgPool2d', () => new AvgPool2d(2), [5, 7], 'AvgPool2d: the input must be [N, H, W, C]; its shape is [5,7]'],
    ['AdaptiveAvgPool2d', () => new AdaptiveAvgPool2d(2), [5, 7], 'AdaptiveAvgPool2d: the input must be [N, H, W, C]'],
    ['GlobalAvgPool2d', () => new GlobalAvgPool2d(), [5, 7], 'GlobalAvgPool2d: the input must be [N, H, W, C]'],
  ] as const)('%s says which input it wants', (_name, make, input, message) => {
    expect(() => make(held.gpu).inferShape(input)).toThrow(message);
  });

  it('counts a multiply-add as two FLOPs', () => {
    const { gpu } = held;
    // 4·4 positions of 3·5·4 multiply-adds for each of 8 channels.
    const conv = new Conv2d(gpu, 4, 8, [3, 5], { stride: [2, 3], padding: [1, 2] });
    expect(conv.flops([1, 8, 10, 4])).toBe(2 * 4 * 4 * 3 * 5 * 4 * 8);
    expect(conv.flops([3, 8, 10, 4])).toBe(3 * conv.flops([1, 8, 10, 4]));
    expect(new Conv2d(gpu, 4, 8, 3, { padding: 1, groups: 4 }).flops([1, 5, 6, 4])).toBe(2 * 5 * 6 * 3 * 3 * 8);
    expect(new Linear(gpu, 6, 3).flops([5, 6])).toBe(2 * 5 * 6 * 3);
  });

  it('describes itself, defaults left out', () => {
    const { gpu } = held;
    expect(`${new Conv2d(gpu, 3, 5, 3)}`).toBe('Conv2d(3 → 5, 3×3)');
    expect(`${new Conv2d(gpu, 3, 5, [1, 3], { stride: 2, padding: [0, 1], bias: false })}`).toBe(
      'Conv2d(3 → 5, 1×3, stride 2, padding 0×1, no bias)',
    );
    expect(`${new Conv2d(gpu, 4, 8, 3, { padding: 1, groups: 4 })}`).toBe('Conv2d(4 → 8, 3×3, padding 1, groups 4)');
    expect(`${new MaxPool2d(2)}`).toBe('MaxPool2d(2×2)');
    expect(`${new MaxPool2d(3, { stride: 2 })}`).toBe('MaxPool2d(3×3, stride 2)');
    expect(`${new AvgPool2d(3, { stride: 2, padding: 1, countIncludePad: false })}`).toBe(
      'AvgPool2d(3×3, stride 2, padding 1, padding not counted)',
    );
    expect(`${new AdaptiveAvgPool2d(2)}`).toBe('AdaptiveAvgPool2d(2×2)');
    expect(`${new BatchNorm2d(gpu, 8, { relu: true })}`).toBe('BatchNorm2d(8, ReLU)');
  });
});

describe('BatchNorm2d', () => {
  it('normalises by the batch in training, by the running statistics in evaluation', async () => {
    const { gpu } = held;
    const layer = new BatchNorm2d(gpu, 1, { momentum: 0.5 });
    const x = randomTensor(gpu, [2, 4, 4, 1], 1, { low: 2, high: 6 });
    const values = await x.data();
    const mean = values.reduce((sum, value) => sum + value, 0) / 32;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 32;
    const normalised = (centre: number, spread: number) => values.map((v) => (v - centre) / Math.sqrt(spread + 1e-5));
    // A few roundings of the values, 6e-8 each, and of their statistics.
    expect(relativeError(await layer.call(x).data(), normalised(mean, variance))).toBeLessThan(2e-6);
    const running = [0.5 * mean, 0.5 + (0.5 * variance * 32) / 31];
    expect(relativeError(await layer.runningMean.data(), [running[0]])).toBeLessThan(1e-6);
    expect(relativeError(await layer.runningVar.data(), [running[1]])).toBeLessThan(1e-6);
    const evaluated = await layer.eval().call(x).data();
    expect(relativeError(evaluated, normalised(running[0], running[1]))).toBeLessThan(2e-6);
    expect(relativeError(await layer.runningMean.data(), [running[0]])).toBeLessThan(1e-6);
  });

  it('with relu gives what a ReLU after it gives', async () => {
    const { gpu } = held;
    const x = randomTensor(gpu, [2, 3, 3, 8], 1);
    const plain = await new BatchNorm2d(gpu, 8).call(x).data();
    expect(await new BatchNorm2d(gpu, 8, { relu: true }).call(x).data()).toEqual(plain.map((v) => Math.max(v, 0)));
  });
});

describe('Dropout', () => {
  it('drops and scales in training, and is nothing in evaluation', async () => {
    const { gpu } = held;
    const layer = new Dropout(0.25);
    const x = randomTensor(gpu, [64, 64], 1, { low: 1, high: 2 });
    const values = await x.data();
    const y = await layer.call(x).data();
    const dropped = y.filter((value) => value === 0).length;
    // 4096 draws: five standard deviations of √(4096 · 0.25 · 0.75) = 28.
    expect(Math.abs(dropped - 1024)).toBeLessThan(5 * 28);
    expect(
      relativeError(
        y,
        values.map((value, i) => (y[i] === 0 ? 0 : value / 0.75)),
      ),
    ).toBeLessThan(1e-6);
    expect(await layer.call(x).data()).not.toEqual(y);
    expect(await layer.eval().call(x).data()).toEqual(values);
    expect(() => new Dropout(1.5)).toThrow('Dropout: p must be from 0 to 1, not 1.5.');
  });
});

describe('Linear and Conv2d', () => {
  it('without bias have none', async () => {
    const { gpu } = held;
    const zeros = (shape: Shape): Tensor => randomTensor(gpu, shape, 1, { low: 0, high: 0 });
    const layers: [Module, Shape][] = [
      [new Linear(gpu, 3, 2, { bias: false }), [4, 3]],
      [new Conv2d(gpu, 3, 2, 1, { bias: false }), [1, 2, 2, 3]],
    ];
    for (const [layer, input] of layers) {
      expect(layer.namedParameters().map(([name]) => name)).toEqual(['weight']);
      expect((await layer.call(zeros(input)).data()).every((value) => value === 0)).toBe(true);
    }
  });
});
