import { describe, expect, it } from 'vitest';
import { add, flatten, globalAvgPool2d, gradcheck, mean, mul, relu, scale, sum } from '../../../src/node.ts';
import { randomTensor, randomValues, relativeError, spacedTensor, useGpu } from '../../gpu.ts';

const held = useGpu();
const ROUNDING = 1e-6; // a few float32 roundings, relative

describe('add and mul', () => {
  it.each([
    { a: [3, 5], b: [3, 5] },
    { a: [2, 3, 3, 5], b: [5] },
    { a: [2, 3, 3, 5], b: [2, 1, 1, 5] },
    { a: [2, 3, 3, 5], b: [2, 1, 1, 1] },
    { a: [2, 3, 5], b: [] },
    { a: [1, 7], b: [7] },
  ])('values and gradients in mid-graph: $a with $b', async ({ a, b }) => {
    const { gpu } = held;
    const x = randomTensor(gpu, a, 1, { requiresGrad: true });
    const w = randomTensor(gpu, b, 2, { requiresGrad: true });
    await gradcheck((p, q) => scale(add(scale(p, 2), scale(q, 3)), 0.5), [x, w]);
    await gradcheck((p, q) => scale(mul(scale(p, 2), scale(q, 3)), 0.5), [x, w]);
  });

  it('broadcasts as stated', async () => {
    const { gpu } = held;
    const x = randomValues(2 * 9 * 5, 3);
    const w = randomValues(2 * 5, 4);
    const [xs, ws] = [randomTensor(gpu, [2, 3, 3, 5], 3), randomTensor(gpu, [2, 1, 1, 5], 4)];
    const at = (i: number) => w[Math.floor(i / 45) * 5 + (i % 5)];
    expect(
      relativeError(
        await add(xs, ws).data(),
        x.map((v, i) => v + at(i)),
      ),
    ).toBeLessThan(ROUNDING);
    expect(
      relativeError(
        await mul(xs, ws).data(),
        x.map((v, i) => v * at(i)),
      ),
    ).toBeLessThan(ROUNDING);
  });

  it('names both shapes where they do not fit', () => {
    const { gpu } = held;
    expect(() => add(randomTensor(gpu, [2, 3], 1), randomTensor(gpu, [2], 1))).toThrow(
      'add: shape [2] does not repeat over [2,3]',
    );
  });
});

describe('relu, sum, mean, globalAvgPool2d, flatten', () => {
  it('gradients in mid-graph', async () => {
    const { gpu } = held;
    const x = spacedTensor(gpu, [2, 3, 5, 3], 5, 0.03, { requiresGrad: true });
    await gradcheck((t) => scale(relu(scale(t, 2)), 0.5), [x]);
    await gradcheck((t) => scale(sum(mul(t, t)), 0.5), [x]);
    await gradcheck((t) => scale(mean(mul(t, t)), 2), [x]);
    await gradcheck((t) => relu(globalAvgPool2d(mul(t, t))), [x]);
    await gradcheck((t) => scale(flatten(scale(t, 2)), 3), [x]);
  });

  it('sums long arrays in slices', async () => {
    const { gpu } = held;
    const values = randomValues(100_003, 6, 0, 1);
    const expected = values.reduce((total, v) => total + v, 0);
    const got = await sum(randomTensor(gpu, [100_003], 6, { low: 0, high: 1 })).item();
    expect(Math.abs(got - expected) / expected).toBeLessThan(ROUNDING);
  });
});
