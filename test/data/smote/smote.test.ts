import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { classCounts } from '../../../src/data/class_counts.ts';
import { nearestNeighbours } from '../../../src/data/smote/nearest_neighbours.ts';
import { smoteFeatures, smoteImages } from '../../../src/data/smote/smote.ts';
import { synthesize } from '../../../src/data/smote/synthesize.ts';
import { Philox } from '../../../src/node.ts';

interface Golden {
  k: number;
  dimensions: number;
  points: number[];
  labels: number[];
  draws: { label: number; neighbours: number[][]; base: number[]; rank: number[]; step: number[] }[];
  synthetic: number[];
  syntheticLabels: number[];
}
const golden: Golden = JSON.parse(readFileSync(new URL('../../fixtures/data/smote.json', import.meta.url), 'utf8'));

/** Points of a golden class, [n, dimensions]. */
function pointsOf(label: number): Float32Array {
  const { points, labels, dimensions } = golden;
  return Float32Array.from(points.filter((_, i) => labels[Math.floor(i / dimensions)] === label));
}

describe("beside imbalanced-learn's SMOTE", () => {
  it.each(golden.draws)('finds the same neighbours in class $label', ({ label, neighbours }) => {
    const queries = Uint32Array.from(neighbours, (_, i) => i);
    const found = nearestNeighbours(pointsOf(label), golden.dimensions, { k: golden.k, queries });
    expect([...found]).toEqual(neighbours.flat());
  });

  it('makes the same samples of the same draws', () => {
    const { dimensions, synthetic, syntheticLabels, draws } = golden;
    const made = draws.flatMap(({ label, neighbours, base, rank, step }) => {
      const into = new Float32Array(base.length * dimensions);
      const neighbour = Uint32Array.from(base, (position, i) => neighbours[position][rank[i]]);
      synthesize(
        pointsOf(label),
        dimensions,
        { base: Uint32Array.from(base), neighbour, step: Float64Array.from(step) },
        into,
      );
      return [...into];
    });
    // Both in float64; ours is then stored as float32.
    expect(made).toEqual(synthetic.map(Math.fround));
    expect(syntheticLabels).toEqual(draws.flatMap(({ label, base }) => base.map(() => label)));
  });
});

const DIMENSIONS = 3;
/** Classes of 40, 12, 1 and 0 points, mixed. */
const labels = Uint8Array.from({ length: 53 }, (_, i) => (i === 20 ? 2 : i % 4 === 1 && i < 48 ? 1 : 0));
const features = (() => {
  const generator = new Philox(9);
  return Float32Array.from({ length: 53 * DIMENSIONS }, () => generator.normal());
})();
const pointAt = (values: ArrayLike<number>, i: number) =>
  Array.from({ length: DIMENSIONS }, (_, d) => values[i * DIMENSIONS + d]);

describe('smoteFeatures', () => {
  const options = { classes: 4, k: 4, seed: 42 };
  const made = smoteFeatures(features, labels, DIMENSIONS, options);

  it('fills every class that has samples up to the largest', () => {
    expect(classCounts(labels, 4)).toEqual([40, 12, 1, 0]);
    expect(classCounts(made.labels, 4)).toEqual([0, 28, 39, 0]);
    expect(made.features.length).toBe(67 * DIMENSIONS);
  });

  it('puts each on the line from a sample to one of its nearest within the class', () => {
    const own = [...labels.keys()].filter((i) => labels[i] === 1).map((i) => pointAt(features, i));
    const flat = Float32Array.from(own.flat());
    const queries = Uint32Array.from(own, (_, i) => i);
    const neighbours = nearestNeighbours(flat, DIMENSIONS, { k: 4, queries });
    const steps: number[] = [];
    const bases = new Set<number>();
    for (const [i, label] of made.labels.entries()) {
      if (label !== 1) continue;
      const sample = pointAt(made.features, i);
      const fits = own.flatMap((base, b) =>
        [...neighbours.subarray(4 * b, 4 * b + 4)].flatMap((n) => {
          const along = own[n].map((value, d) => value - base[d]);
          const offset = sample.map((value, d) => value - base[d]);
          const dot = along.reduce((sum, value, d) => sum + value * offset[d], 0);
          const step = dot / along.reduce((sum, value) => sum + value ** 2, 0);
          const away = Math.hypot(...offset.map((value, d) => value - step * along[d]));
          // Stored in float32: the values, of about 1, are off by some 1e-7.
          return away < 1e-6 && step > -1e-6 && step < 1 + 1e-6 ? [{ b, step }] : [];
        }),
      );
      expect(fits.length).toBeGreaterThan(0);
      if (fits.length === 1) {
        steps.push(fits[0].step);
        bases.add(fits[0].b);
      }
    }
    // Uniform from 0 to 1: of 20 or so the mean is ½ ± 0.065, and bases of all kinds occur.
    expect(Math.abs(steps.reduce((a, b) => a + b) / steps.length - 0.5)).toBeLessThan(5 * 0.065);
    expect(Math.max(...steps) - Math.min(...steps)).toBeGreaterThan(0.5);
    expect(bases.size).toBeGreaterThan(4);
  });

  it('repeats a sample that is alone in its class', () => {
    const alone = pointAt(features, 20);
    for (const [i, label] of made.labels.entries()) if (label === 2) expect(pointAt(made.features, i)).toEqual(alone);
  });

  it('gives the same for the same seed, others for another', () => {
    expect(smoteFeatures(features, labels, DIMENSIONS, options)).toEqual(made);
    const other = smoteFeatures(features, labels, DIMENSIONS, { ...options, seed: 43 });
    expect(other.labels).toEqual(made.labels);
    expect(other.features).not.toEqual(made.features);
  });

  it('goes by 5 neighbours, or by those there are', () => {
    const five = smoteFeatures(features, labels, DIMENSIONS, { classes: 4, k: 5, seed: 1 });
    expect(smoteFeatures(features, labels, DIMENSIONS, { classes: 4, seed: 1 })).toEqual(five);
    const all = smoteFeatures(features, labels, DIMENSIONS, { classes: 4, k: 11, seed: 1 });
    expect(smoteFeatures(features, labels, DIMENSIONS, { classes: 4, k: 500, seed: 1 })).toEqual(all);
    expect(() => smoteFeatures(features, labels, DIMENSIONS, { classes: 4, k: 0, seed: 1 })).toThrow(
      'SMOTE: the number of neighbours must be a whole number from 1, not 0.',
    );
  });
});

describe('smoteImages', () => {
  const size = { height: 4, width: 8, channels: 3 };
  const each = 96;
  const imageLabels = Uint8Array.from({ length: 30 }, (_, i) => (i % 5 === 0 ? 1 : 0));
  const images = (() => {
    const generator = new Philox(4);
    return Uint8Array.from({ length: 30 * each }, () => generator.below(256));
  })();
  const extended = smoteImages({ images, labels: imageLabels }, size, { classes: 2, seed: 42 });

  it('keeps the images given and adds to each class up to the largest', () => {
    expect(extended.images.subarray(0, images.length)).toEqual(images);
    expect(extended.labels.subarray(0, 30)).toEqual(Uint32Array.from(imageLabels));
    expect(classCounts(extended.labels, 2)).toEqual([24, 24]);
    expect(extended.images.length).toBe(48 * each);
  });

  it('makes what SMOTE makes of the pixels as features, rounded to bytes', () => {
    const synthetic = smoteFeatures(Float32Array.from(images), imageLabels, each, { classes: 2, seed: 42 });
    const rounded = Array.from(synthetic.features, (value) => Math.floor(value + 0.5));
    expect(Array.from(extended.images.subarray(images.length, extended.images.length))).toEqual(rounded);
  });
});
