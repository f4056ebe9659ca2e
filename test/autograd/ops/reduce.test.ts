import { describe, expect, it } from 'vitest';
import { flatten, globalAvgPool2d, gradcheck, mean, mul, relu, scale, sum } from '../../../src/node.ts';
import { randomTensor, randomValues, spacedTensor, useGpu } from '../../gpu.ts';

const held = useGpu();
const ROUNDING = 1e-6;

describe('relu, sum, mean, globalAvgPool2d, flatten', () => {
  it('gradients in mid-graph', async () => {
    const { gpu } = held;
    const x = spacedTensor(gpu, [2, 3, 5, 3], 5, 0.03, { requiresGrad: true });
    await gradcheck((t) => scale(relu(scale(t, 2)), 0.5), [x]);
    await gradcheck((t) => scale(sum(mul(t, t)), 0.5), [x]);
    await gradcheck((t) => scale(mean(mul(t, t)), 2), [x]);
    await gradcheck((t) => relu(globalAvgPool2d(mul(t, t))), [x]);
    const wide = spacedTensor(gpu, [2, 3, 5, 4], 5, 0.03, { requiresGrad: true });
    await gradcheck((t) => relu(globalAvgPool2d(mul(t, t))), [wide]);
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
