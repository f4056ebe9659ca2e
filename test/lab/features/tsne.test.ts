import { describe, expect, it } from 'vitest';
import { tsneAffinities } from '../../../src/lab/features/affinities.ts';
import { pca } from '../../../src/lab/features/pca.ts';
import { divergence, tsne } from '../../../src/lab/features/tsne.ts';
import { squaredDistances } from '../../../src/metrics/squared_distances.ts';
import { trustworthiness } from '../../../src/metrics/trustworthiness.ts';
import { useGpu } from '../../gpu.ts';
import { digits, digitsGolden } from './digits.ts';

const held = useGpu({ fences: false });

describe('tsne', () => {
  // Descents that differ in a rounding end in different places, about equally good: a margin of 5 % in divergence, 0.01 in trustworthiness.
  it("does as well as scikit-learn's on 300 digits", async () => {
    const { perplexity, neighbours, ...golden } = digitsGolden;
    const { features, dimensions } = digits;
    const found = await tsne({ gpu: held.gpu, ...digits, perplexity });
    expect(found.divergence).toBeLessThan(1.05 * golden.divergence);
    expect(found.divergence).toBeGreaterThan(0.9 * golden.divergence);
    const trust = trustworthiness({ features, dimensions, points: found.points, neighbours });
    expect(trust).toBeGreaterThan(golden.trustworthiness - 0.01);
    // Its start is worse by far.
    const start = Float32Array.from(pca(digits).points);
    expect(trustworthiness({ features, dimensions, points: start, neighbours })).toBeLessThan(trust - 0.1);
  });

  it('repeats bit for bit, with progress, and leaves no memory in use', async () => {
    const { gpu } = held;
    const seen: string[] = [];
    const onProgress = (done: number, total: number) => seen.push(`${done}/${total}`);
    const first = await tsne({ gpu, ...digits, steps: 50, onProgress });
    expect(seen).toEqual(['20/50', '40/50', '50/50']);
    const { liveBytes } = gpu.memory;
    const second = await tsne({ gpu, ...digits, steps: 50 });
    expect(second).toEqual(first);
    expect(gpu.memory.liveBytes).toBe(liveBytes);
  });

  it('stops at a signal', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const onProgress = () => controller.abort();
    expect(await tsne({ gpu: held.gpu, ...digits, signal, onProgress }).catch((error) => error)).toBe(signal.reason);
  });

  it('keeps points that are all the same together', async () => {
    const { points } = await tsne({
      gpu: held.gpu,
      features: new Float32Array(40),
      dimensions: 4,
      perplexity: 3,
      steps: 20,
    });
    expect([...points]).toEqual(new Array(20).fill(0));
  });

  it('refuses a perplexity that the points cannot have', async () => {
    const features = Float32Array.of(1, 2, 3, 4, 5, 7);
    await expect(tsne({ gpu: held.gpu, features, dimensions: 2 })).rejects.toThrow('a perplexity of 30 among 3 points');
  });
});

describe('divergence', () => {
  it('is that of the definition', () => {
    const points = Float32Array.of(0, 0, 1, 0, 0, 2, -3, 1);
    const p = tsneAffinities(squaredDistances(Float32Array.of(0, 1, 3, 7), 1), 2);
    const w = Array.from({ length: 16 }, (_, at) => {
      const [i, j] = [Math.floor(at / 4), at % 4];
      if (i === j) return 0;
      return 1 / (1 + (points[2 * i] - points[2 * j]) ** 2 + (points[2 * i + 1] - points[2 * j + 1]) ** 2);
    });
    const z = w.reduce((sum, value) => sum + value, 0);
    const expected = w.reduce((sum, value, at) => (value > 0 ? sum + p[at] * Math.log((p[at] * z) / value) : sum), 0);
    expect(divergence(p, points)).toBeCloseTo(expected, 12);
  });
});
