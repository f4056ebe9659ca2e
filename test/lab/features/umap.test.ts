import { describe, expect, it } from 'vitest';
import { pca } from '../../../src/lab/features/pca.ts';
import { umap } from '../../../src/lab/features/umap.ts';
import { clusteringQuality } from '../../../src/metrics/clustering.ts';
import { trustworthiness } from '../../../src/metrics/trustworthiness.ts';
import { digits } from './digits.ts';

describe('umap', () => {
  it('keeps the neighbours of 300 digits together, far better than their principal components', async () => {
    const { features, dimensions, labels } = digits;
    const seen: number[] = [];
    const points = await umap({ features, dimensions, seed: 42, epochs: 200, onProgress: (done) => seen.push(done) });
    expect(points).toHaveLength(600);
    expect(seen).toEqual(Array.from({ length: 20 }, (_, i) => 10 * (i + 1)));
    const trust = trustworthiness({ features, dimensions, points });
    // Of a t-SNE it is 0.989, of the two components 0.84.
    expect(trust).toBeGreaterThan(0.96);
    const flat = Float32Array.from(pca(digits).points);
    const quality = (of: Float32Array) => clusteringQuality({ features: of, dimensions: 2, labels }).silhouette;
    expect(quality(points)).toBeGreaterThan(quality(flat) + 0.2);
  });

  it('repeats bit for bit with the same seed, and not with another', async () => {
    const input = { features: digits.features.slice(0, 60 * 64), dimensions: 64, epochs: 30 };
    const first = await umap({ ...input, seed: 1 });
    expect(await umap({ ...input, seed: 1 })).toEqual(first);
    expect(await umap({ ...input, seed: 2 })).not.toEqual(first);
    expect(first.every(Number.isFinite)).toBe(true);
  });

  it('takes points that are all the same', async () => {
    const points = await umap({ features: new Float32Array(80), dimensions: 4, seed: 1, neighbours: 5, epochs: 10 });
    expect(points.every(Number.isFinite)).toBe(true);
  });

  it('stops at a signal, and refuses more neighbours than points', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const input = { ...digits, seed: 1, signal, onProgress: () => controller.abort() };
    expect(await umap(input).catch((error) => error)).toBe(signal.reason);
    await expect(umap({ features: new Float32Array(20), dimensions: 2, seed: 1 })).rejects.toThrow(
      'umap: 15 neighbours among 10 points, expected from 2 to below 10.',
    );
  });
});
