import { describe, expect, it } from 'vitest';
import { tsneAffinities } from '../../../src/lab/features/affinities.ts';
import { squaredDistances } from '../../../src/metrics/squared_distances.ts';
import { randomValues } from '../../gpu.ts';
import { digits, digitsGolden } from './digits.ts';

describe('tsneAffinities', () => {
  it("agrees with scikit-learn's", () => {
    const count = 24;
    const distances = squaredDistances(digits.features.slice(0, count * 64), 64);
    const affinities = tsneAffinities(distances, 5);
    let at = 0;
    for (let i = 0; i < count; i++) {
      expect(affinities[i * count + i]).toBe(0);
      for (let j = i + 1; j < count; j++) {
        expect(affinities[j * count + i]).toBe(affinities[i * count + j]);
        // scikit-learn's entropies are off by up to 1e-5 nats, which is up to some 1e-4 of the smallest affinities here.
        const expected = digitsGolden.affinities[at++];
        expect(Math.abs(affinities[i * count + j] - expected)).toBeLessThan(1e-4 * expected + 1e-7);
      }
    }
    expect(at).toBe(digitsGolden.affinities.length);
  });

  it.each([1.5, 10, 39])('gives every point a perplexity of %f', (perplexity) => {
    const count = 41;
    // Distances of very different sizes, far from 1.
    const features = randomValues(count * 3, 5).map((value, at) => 1000 * value * (1 + (at % 7)));
    const distances = squaredDistances(features, 3);
    const joint = tsneAffinities(distances, perplexity);
    expect(Math.abs(joint.reduce((sum, p) => sum + p, 0) - 1)).toBeLessThan(1e-12);
    // p(j|i) by bisection.
    const conditional = Array.from({ length: count }, (_, i) => {
      const given = (beta: number) => {
        const row = Array.from(distances.subarray(i * count, (i + 1) * count));
        const nearest = Math.min(...row.filter((_, j) => j !== i));
        const weights = row.map((distance, j) => (j === i ? 0 : Math.exp(-beta * (distance - nearest))));
        const sum = weights.reduce((total, weight) => total + weight, 0);
        return weights.map((weight) => weight / sum);
      };
      let [low, high] = [-60, 60];
      for (let round = 0; round < 100; round++) {
        const middle = (low + high) / 2;
        const entropy = given(Math.exp(middle)).reduce((sum, p) => (p > 0 ? sum - p * Math.log(p) : sum), 0);
        if (entropy > Math.log(perplexity)) low = middle;
        else high = middle;
      }
      return given(Math.exp(low));
    });
    // The entropy is met to 1e-8 nats; where it hardly depends on β, at a perplexity of nearly all points, p still moves by its root at most.
    for (let i = 0; i < count; i++) {
      for (let j = 0; j < count; j++) {
        const expected = (conditional[i][j] + conditional[j][i]) / (2 * count);
        expect(Math.abs(joint[i * count + j] - expected)).toBeLessThan(1e-4 * expected + 1e-12);
      }
    }
  });

  it('spreads evenly over equal distances', () => {
    const joint = tsneAffinities(squaredDistances(new Float32Array(10).fill(2), 2), 3);
    expect([...joint].filter((p) => p > 0)).toHaveLength(20);
    for (const p of joint) expect(p === 0 || Math.abs(p - 1 / 20) < 1e-15).toBe(true);
  });

  it.each([0.5, 5, Number.NaN])('refuses a perplexity of %f among 5 points', (perplexity) => {
    expect(() => tsneAffinities(new Float64Array(25), perplexity)).toThrow(
      `t-SNE: a perplexity of ${perplexity} among 5 points, expected from 1 to below 5.`,
    );
  });
});
