import { describe, expect, it } from 'vitest';
import * as ops from '../../../src/index.ts';
import { fromHalves, toHalves } from '../../../src/runtime/half.ts';
import { randomTensor, randomValues, relativeError, useGpu } from '../../gpu.ts';

const held = useGpu();
type Tensor = ops.Tensor;

/** A tensor of half-precision numbers, stored in float32. */
function halfNumbers(shape: readonly number[], seed: number): Tensor {
  const count = shape.reduce((product, size) => product * size, 1);
  const x = ops.tensor(held.gpu, fromHalves(toHalves(randomValues(count, seed))), shape);
  x.requiresGrad = true;
  return x;
}

/** The output of an operation and the gradients of its inputs, in the middle of a graph. */
async function through(f: (x: Tensor, ...others: Tensor[]) => Tensor, inputs: Tensor[], half: boolean) {
  for (const input of inputs) input.zeroGrad();
  const [x, ...others] = inputs;
  const y = f(half ? ops.cast(x, 'f16') : x, ...others);
  const whole = ops.cast(y, 'f32');
  ops.sum(ops.mul(whole, randomTensor(held.gpu, whole.shape, 99))).backward();
  return {
    storage: y.buffer.storage,
    y: await whole.data(),
    gradients: await Promise.all(inputs.map(({ grad }) => (grad as Tensor).data())),
  };
}

const channel = (c: number, seed: number, low = 0.5) => {
  const p = randomTensor(held.gpu, [c], seed, { requiresGrad: true, low, high: 1 });
  return p;
};
const normalised = (x: Tensor, weight: Tensor, bias: Tensor, training = true) => {
  const { gpu } = x;
  const c = weight.size;
  const [runningMean, runningVar] = [ops.tensor(gpu, Array(c).fill(0.1)), ops.tensor(gpu, Array(c).fill(1))];
  return ops.batchNorm2d(x, {
    ...{ weight, bias, runningMean, runningVar, training, momentum: 0.1, eps: 1e-5, activation: 'relu' },
  });
};

// Rounding to half precision errs by 2⁻¹¹ = 5e-4 of a number; a gradient is rounded once or twice more, sums of several hundred numbers less than those.
const TOLERANCE = 2e-3;

const OPERATIONS: [string, (x: Tensor, ...others: Tensor[]) => Tensor, () => Tensor[], 'f16' | 'f32'][] = [
  ['relu', ops.relu, () => [halfNumbers([2, 5, 6, 3], 1)], 'f16'],
  ['add, twice the same', (x) => ops.add(x, x), () => [halfNumbers([2, 5, 6, 3], 1)], 'f16'],
  ['addRelu', (x) => ops.addRelu(ops.relu(x), x), () => [halfNumbers([2, 5, 6, 3], 1)], 'f16'],
  [
    'conv2d',
    (x, w, b) => ops.conv2d(x, w, b, { padding: 1 }),
    () => [halfNumbers([2, 7, 6, 8], 1), halfNumbers([3, 3, 8, 12], 2), channel(12, 3)],
    'f16',
  ],
  [
    'conv2d, stride 2, odd channels, no bias',
    (x, w) => ops.conv2d(x, w, undefined, { stride: 2 }),
    () => [halfNumbers([1, 7, 5, 3], 1), halfNumbers([3, 3, 3, 5], 2)],
    'f16',
  ],
  [
    'batchNorm2d',
    (x, w, b) => normalised(x, w, b),
    () => [halfNumbers([4, 5, 6, 8], 1), channel(8, 2), channel(8, 3)],
    'f16',
  ],
  [
    'batchNorm2d in evaluation',
    (x, w, b) => normalised(x, w, b, false),
    () => [halfNumbers([4, 5, 6, 3], 1), channel(3, 2), channel(3, 3)],
    'f16',
  ],
  ['maxPool2d', (x) => ops.maxPool2d(x, { kernelSize: 2 }), () => [halfNumbers([2, 6, 5, 8], 1)], 'f16'],
  [
    'maxPool2d, overlapping, odd channels',
    (x) => ops.maxPool2d(x, { kernelSize: 3, stride: 2, padding: 1 }),
    () => [halfNumbers([2, 6, 5, 3], 1)],
    'f16',
  ],
  ['avgPool2d', (x) => ops.avgPool2d(x, { kernelSize: 2 }), () => [halfNumbers([2, 6, 5, 3], 1)], 'f16'],
  ['adaptiveAvgPool2d', (x) => ops.adaptiveAvgPool2d(x, 2), () => [halfNumbers([2, 7, 5, 3], 1)], 'f16'],
  ['globalAvgPool2d', ops.globalAvgPool2d, () => [halfNumbers([3, 4, 4, 8], 1)], 'f32'],
  ['mean', (x) => ops.mean(x, [1, 2]), () => [halfNumbers([3, 4, 4, 5], 1)], 'f32'],
  [
    'slice and pad',
    (x) => ops.pad(ops.slice(x, [{}, { step: 2 }, { step: 2 }]), [[0, 0], [0, 0], [0, 0], [1, 2]]), // biome-ignore format: one line
    () => [halfNumbers([2, 5, 6, 3], 1)],
    'f16',
  ],
  ['reshape', (x) => ops.relu(ops.reshape(x, [4, 45])), () => [halfNumbers([2, 5, 6, 3], 1)], 'f16'],
  ['linear', ops.linear, () => [halfNumbers([5, 7], 1), halfNumbers([7, 3], 2), channel(3, 3)], 'f32'],
];

describe('operations in half precision', () => {
  it.each(OPERATIONS)('%s: value and gradients as in float32', async (_name, f, make, storage) => {
    const { gpu } = held;
    await gpu.scope(async () => {
      const inputs = make();
      const whole = await through(f, inputs, false);
      const half = await through(f, inputs, true);
      expect(half.storage).toBe(storage);
      expect(relativeError(half.y, whole.y)).toBeLessThan(TOLERANCE);
      for (const [i, gradient] of half.gradients.entries()) {
        expect(inputs[i].grad?.buffer.storage).toBe('f32');
        expect(relativeError(gradient, whole.gradients[i]), `gradient of input ${i}`).toBeLessThan(TOLERANCE);
      }
    });
  });

  it('give a half-precision leaf a half-precision gradient, which several passes add to', async () => {
    const { gpu } = held;
    const x = gpu.scope(() => ops.cast(ops.tensor(gpu, [[1, -2, 3]]), 'f16'));
    x.requiresGrad = true;
    for (let pass = 0; pass < 2; pass++) gpu.scope(() => ops.sum(ops.relu(x)).backward());
    expect(x.grad?.buffer.storage).toBe('f16');
    expect([...(await (x.grad as Tensor).data())]).toEqual([2, 0, 2]);
  });

  it('dropout draws the same mask', async () => {
    const { gpu } = held;
    const x = halfNumbers([301], 1);
    const { generator } = gpu;
    const whole = await ops.dropout(x, 0.5, true).data();
    gpu.generator = generator;
    const half = await ops.dropout(ops.cast(x, 'f16'), 0.5, true).data();
    // Twice a half-precision number is one.
    expect([...half]).toEqual([...whole]);
  });

  it('leave alone what is stored so already', () => {
    const x = halfNumbers([3], 1);
    expect(ops.cast(x, 'f32')).toBe(x);
  });
});
