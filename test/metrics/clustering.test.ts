import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { clusteringQuality, silhouettes } from '../../src/metrics/clustering.ts';

interface Case {
  name: string;
  dimensions: number;
  features: number[];
  labels: number[];
  silhouette: number;
  silhouettes: number[];
  daviesBouldin: number;
  calinskiHarabasz: number;
}
const golden: Case[] = JSON.parse(
  readFileSync(new URL('../fixtures/metrics/clustering.json', import.meta.url), 'utf8'),
);

describe('clusteringQuality', () => {
  // Squared distances of points are exact in both; centres and sums differ by a few float64 ulps, and scikit-learn's centre distances,
  // |a|² + |b|² − 2ab, by some more: 1e-12 relative holds both with room.
  it.each(golden)('agrees with scikit-learn: $name', ({ dimensions, features, labels, ...expected }) => {
    const found = clusteringQuality({ features: Float32Array.from(features), dimensions, labels });
    for (const key of ['silhouette', 'daviesBouldin', 'calinskiHarabasz'] as const) {
      expect(Math.abs(found[key] - expected[key])).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(expected[key])));
    }
  });

  it.each(golden)(
    "gives each point scikit-learn's silhouette: $name",
    ({ dimensions, features, labels, ...expected }) => {
      const found = silhouettes({ features: Float32Array.from(features), dimensions, labels });
      expect(found).toHaveLength(labels.length);
      for (const [i, value] of found.entries())
        expect(Math.abs(value - expected.silhouettes[i])).toBeLessThanOrEqual(1e-12);
    },
  );

  it('does not depend on the order of the points', () => {
    const { dimensions, features, labels } = golden[0];
    const rows = labels.map((label, point) => ({
      label,
      values: features.slice(point * dimensions, (point + 1) * dimensions),
    }));
    rows.reverse();
    const straight = clusteringQuality({ features: Float32Array.from(features), dimensions, labels });
    const reversed = clusteringQuality({
      features: Float32Array.from(rows.flatMap(({ values }) => values)),
      dimensions,
      labels: rows.map(({ label }) => label),
    });
    expect(reversed.silhouette).toBeCloseTo(straight.silhouette, 12);
    expect(reversed.daviesBouldin).toBeCloseTo(straight.daviesBouldin, 12);
    expect(reversed.calinskiHarabasz).toBeCloseTo(straight.calinskiHarabasz, 9);
  });

  it('does not depend on the scale: a power of two changes no bit', () => {
    const { dimensions, features, labels } = golden[0];
    const scale = 2 ** -40;
    const small = Float32Array.from(features, (value) => value * scale);
    expect(clusteringQuality({ features: small, dimensions, labels })).toEqual(
      clusteringQuality({ features: Float32Array.from(features), dimensions, labels }),
    );
  });

  it.each([
    [[0, 1, 2, 3], [0, 0, 0, 0], '1 clusters of 4 points'],
    [[0, 1, 2, 3], [0, 1, 2, 3], '4 clusters of 4 points'],
    [[0, 1, 2], [0, 0, 1, 1], '3 features, expected 4 points × 1 dimensions = 4'],
    [[0, 1, Number.NaN, 3], [0, 0, 1, 1], 'feature 0 of point 2 is NaN'],
  ])('refuses features %j with labels %j', (features, labels, message) => {
    const measure = () => clusteringQuality({ features: Float32Array.from(features), dimensions: 1, labels });
    expect(measure).toThrow(RangeError);
    expect(measure).toThrow(message);
  });
});
