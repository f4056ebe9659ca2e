import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { pca } from '../../../src/lab/features/pca.ts';
import { randomValues } from '../../gpu.ts';

interface Case {
  name: string;
  dimensions: number;
  features: number[];
  components: number[];
  points: number[];
  explainedVariance: number[];
  explainedVarianceRatio: number[];
}
const golden: Case[] = JSON.parse(readFileSync(new URL('../../fixtures/features/pca.json', import.meta.url), 'utf8'));

const row = (values: ArrayLike<number>, k: number, length: number) =>
  Array.from(values).slice(k * length, (k + 1) * length);
const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, i) => sum + value * b[i], 0);

describe('pca', () => {
  // Both are float64. A component turns by ulps of the largest variance over the gap to its neighbour's, which here is 1/40 of it or more; the
  // residual bound of the iterative solver, 1e-9, over that gap is 4e-8.
  it.each(golden)("agrees with scikit-learn's up to the sign: $name", ({ dimensions, features, ...expected }) => {
    const wanted = expected.explainedVariance.length;
    const found = pca({ features: Float32Array.from(features), dimensions, components: wanted });
    const scale = expected.explainedVariance[0];
    for (let k = 0; k < wanted; k++) {
      expect(Math.abs(found.explainedVariance[k] - expected.explainedVariance[k]) / scale).toBeLessThan(1e-13);
      expect(Math.abs(found.explainedVarianceRatio[k] - expected.explainedVarianceRatio[k])).toBeLessThan(1e-13);
      // A direction without variance is arbitrary.
      if (expected.explainedVariance[k] < 1e-12 * scale) continue;
      const component = row(found.components, k, dimensions);
      const theirs = row(expected.components, k, dimensions);
      const sign = Math.sign(dot(component, theirs));
      for (const [d, loading] of component.entries()) expect(Math.abs(loading - sign * theirs[d])).toBeLessThan(1e-7);
      for (let i = 0; i < found.points.length; i += wanted) {
        const difference = found.points[i + k] - sign * expected.points[i + k];
        expect(Math.abs(difference)).toBeLessThan(1e-7 * Math.sqrt(scale) * 10);
      }
    }
  });

  it.each(golden)('gives orthonormal components whose largest loading is positive: $name', (input) => {
    const { dimensions } = input;
    const wanted = input.explainedVariance.length;
    const { components } = pca({ features: Float32Array.from(input.features), dimensions, components: wanted });
    for (let k = 0; k < wanted; k++) {
      const component = row(components, k, dimensions);
      for (let j = 0; j <= k; j++) {
        expect(Math.abs(dot(component, row(components, j, dimensions)) - (j === k ? 1 : 0))).toBeLessThan(1e-9);
      }
      const magnitudes = component.map(Math.abs);
      expect(component[magnitudes.indexOf(Math.max(...magnitudes))]).toBeGreaterThan(0);
    }
  });

  // Independent features have nearly equal variances, the worst case for the search: 60 of them, so that it does not solve the whole problem.
  it('meets the definition where variances lie close together, and repeats bit for bit', () => {
    const [count, dimensions] = [150, 60];
    const features = randomValues(count * dimensions, 3);
    const { points, components, mean, explainedVariance } = pca({ features, dimensions, components: 3 });
    for (let k = 0; k < 3; k++) {
      const component = row(components, k, dimensions);
      // C·v = λ·v, by a covariance computed here.
      const along = Array.from({ length: count }, (_, i) =>
        dot(
          component,
          Array.from(row(features, i, dimensions), (value, d) => value - mean[d]),
        ),
      );
      for (const [i, value] of along.entries()) expect(Math.abs(points[3 * i + k] - value)).toBeLessThan(1e-12);
      const image = Array.from({ length: dimensions }, (_, d) =>
        along.reduce((sum, value, i) => sum + (value * (features[i * dimensions + d] - mean[d])) / (count - 1), 0),
      );
      for (const [d, value] of image.entries()) {
        expect(Math.abs(value - explainedVariance[k] * component[d])).toBeLessThan(2e-9 * explainedVariance[0]);
      }
    }
    expect(explainedVariance[0]).toBeGreaterThan(explainedVariance[1]);
    expect(pca({ features, dimensions, components: 3 }).points).toEqual(points);
  });

  it('finds every one of equal variances', () => {
    // The corners of a cross: each of the 50 features varies alone, and as much as any other but the last, which varies less.
    const dimensions = 50;
    const features = new Float32Array(2 * dimensions * dimensions);
    for (let d = 0; d < dimensions; d++) {
      const size = d === dimensions - 1 ? 0.5 : 1;
      features[2 * d * dimensions + d] = size;
      features[(2 * d + 1) * dimensions + d] = -size;
    }
    const { explainedVariance } = pca({ features, dimensions, components: 3 });
    for (const variance of explainedVariance) expect(Math.abs(variance - 2 / 99)).toBeLessThan(1e-12);
  });

  it('keeps points that are all the same at the origin', () => {
    const { points, explainedVarianceRatio } = pca({ features: new Float32Array(12).fill(3), dimensions: 4 });
    expect([...points, ...explainedVarianceRatio]).toEqual(new Array(8).fill(0));
  });

  it.each([
    [[1, 2, 3], 2, 1, '3 features in points of 2'],
    [[1, 2], 2, 1, '2 features in points of 2'],
    [[1, 2, 3, 4], 2, 3, '3 components of 2 points with 2 features, expected from 1 to 2'],
    [[1, 2, 3, Number.NaN], 2, 1, 'feature 1 of point 1 is NaN'],
  ])('refuses features %j of %i, %i components', (features, dimensions, components, message) => {
    const compute = () => pca({ features: Float32Array.from(features), dimensions, components });
    expect(compute).toThrow(RangeError);
    expect(compute).toThrow(message);
  });
});
