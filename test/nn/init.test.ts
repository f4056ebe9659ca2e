import { describe, expect, it } from 'vitest';
import {
  defaultBound,
  fans,
  kaimingNormal,
  layerGenerator,
  modelGenerator,
  normal,
  uniform,
} from '../../src/nn/init.ts';
import { Conv2d, CustomCNN, Linear, openDevice, Philox } from '../../src/node.ts';
import { useGpu } from '../gpu.ts';

const held = useGpu();

function mean(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function variance(values: Float32Array): number {
  const centre = mean(values);
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / values.length;
}

describe('init', () => {
  it('counts the fans of convolutions and linear layers', () => {
    expect(fans([3, 5, 8, 16])).toEqual({ fanIn: 120, fanOut: 240 });
    expect(fans([8, 16])).toEqual({ fanIn: 8, fanOut: 16 });
    expect(() => fans([8])).toThrow('a weight must be [KH, KW, CI, CO] or [in, out]; its shape is [8]');
  });

  it('uniform fills [−bound, bound) evenly', () => {
    const values = uniform([100, 100], 0.5, new Philox(1));
    expect(values.every((value) => value >= -0.5 && value < 0.5)).toBe(true);
    // Of 10,000 values: five standard deviations of the mean, 0.289 / 100, and of the variance, about 1.8 % / √2.
    expect(Math.abs(mean(values))).toBeLessThan(5 * 0.00289);
    expect(Math.abs(variance(values) * 12 - 1)).toBeLessThan(0.05);
  });

  it('normal has the tails of a normal distribution, and neighbours that know nothing of each other', () => {
    const count = 100_001;
    const values = normal([count], 2, new Philox(1)).map((value) => value / 2);
    expect(values.every(Number.isFinite)).toBe(true);
    // Shares beyond 0, 1 and 2 deviations, within five of their own deviations, √(p (1 − p) / count).
    for (const [bound, share] of [[0, 0.5] as const, [1, 0.158655] as const, [2, 0.02275] as const]) {
      const found = values.reduce((sum, value) => sum + Number(value > bound), 0) / count;
      expect(Math.abs(found - share)).toBeLessThan(5 * Math.sqrt((share * (1 - share)) / count));
    }
    const products = values.subarray(1).map((value, i) => value * values[i]);
    expect(Math.abs(mean(products))).toBeLessThan(5 / Math.sqrt(count));
  });

  it('kaimingNormal has the deviation √2 / √fan', () => {
    for (const [mode, fan] of [['fanIn', 180] as const, ['fanOut', 360] as const]) {
      const values = kaimingNormal([3, 3, 20, 40], new Philox(1), { mode });
      // 7200 values: the variance is within five of its own deviations, √(2 / 7200) each.
      expect(Math.abs(variance(values) / (2 / fan) - 1)).toBeLessThan(5 * Math.sqrt(2 / 7200));
      expect(Math.abs(mean(values))).toBeLessThan(5 * Math.sqrt(2 / fan / 7200));
    }
    const plain = kaimingNormal([64, 64], new Philox(1), { nonlinearity: 'linear' });
    expect(Math.abs(variance(plain) * 64 - 1)).toBeLessThan(5 * Math.sqrt(2 / 4096));
  });

  it("layers start with PyTorch's bounds, weights and biases", async () => {
    const { gpu } = held;
    for (const [layer, fanIn] of [[new Conv2d(gpu, 20, 30, 3), 180] as const, [new Linear(gpu, 50, 70), 50] as const]) {
      const bound = 1 / Math.sqrt(fanIn);
      expect(defaultBound(layer.weight.shape)).toBe(bound);
      for (const parameter of layer.parameters()) {
        const largest = (await parameter.data()).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
        expect(largest).toBeLessThanOrEqual(Math.fround(bound));
        expect(largest).toBeGreaterThan(0.8 * bound);
      }
    }
  });

  it('the same seed gives the same model, another seed another', async () => {
    const { gpu } = held;
    const weights = async (seed: number) =>
      new CustomCNN(gpu, { width: 1 / 16, seed }).getModule('features.block2.conv2').parameters()[0].data();
    const first = await weights(1);
    expect(await weights(1)).toEqual(first);
    expect(await weights(2)).not.toEqual(first);
    expect(modelGenerator(1).uint32()).not.toBe(modelGenerator(2).uint32());
  });

  it("layers without a generator draw from the device's seed, each its own", async () => {
    const draw = async (seed: number) => {
      const gpu = await openDevice({ seed });
      const values = await Promise.all(
        [new Linear(gpu, 4, 4), new Linear(gpu, 4, 4)].map(({ weight }) => weight.data()),
      );
      gpu.close();
      return values;
    };
    const [a, b] = await draw(5);
    expect(a).not.toEqual(b);
    expect(await draw(5)).toEqual([a, b]);
    expect((await draw(6))[0]).not.toEqual(a);
    expect(layerGenerator(held.gpu).uint32()).not.toBe(layerGenerator(held.gpu).uint32());
  });
});
