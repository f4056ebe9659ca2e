import { describe, expect, it } from 'vitest';
import { classFeatures, closestClasses } from '../../src/metrics/class_features.ts';

// Class 0 at (3, 4) ± (1, 0), class 2 at (0, 0) ± (0, 3) and once at the middle, class 3 at (6, 8) and (6, 8); class 1 has no samples.
const input = {
  features: Float32Array.of(2, 4, 0, 3, 4, 4, 0, -3, 6, 8, 0, 0, 6, 8),
  dimensions: 2,
  labels: [0, 2, 0, 2, 3, 2, 3],
};

describe('classFeatures', () => {
  it('gives samples, the length of the mean, and the mean deviation of the features', () => {
    const found = classFeatures(input, 4);
    expect(found.map(({ samples }) => samples)).toEqual([2, 0, 3, 2]);
    expect(found.map(({ normOfMean }) => normOfMean)).toEqual([5, null, 0, 10]);
    const [zero, one, two, three] = found.map(({ spread }) => spread);
    expect([zero, one, three]).toEqual([(1 + 0) / 2, null, 0]);
    expect(two).toBeCloseTo((0 + Math.sqrt(6)) / 2, 12);
  });

  it("averages its samples' silhouettes", () => {
    const { silhouette } = classFeatures(input, 4)[0];
    // From (2, 4): 2 to its own; √5, √53, √20 to class 2; √32 twice to class 3. From (4, 4): 2; √17, √65, √32; √20 twice.
    const first = 1 - 2 / ((Math.sqrt(5) + Math.sqrt(53) + Math.sqrt(20)) / 3);
    const second = 1 - 2 / Math.sqrt(20);
    expect(silhouette).toBeCloseTo((first + second) / 2, 12);
    expect(classFeatures(input, 4)[1].silhouette).toBeNull();
  });
});

describe('closestClasses', () => {
  it('compares means of classes that have samples', () => {
    expect(closestClasses(input, 4)).toEqual({ a: 0, b: 2, distance: 5 });
    const alone = { features: Float32Array.of(1, 2), dimensions: 1, labels: [1, 1] };
    expect(closestClasses(alone, 3)).toBeUndefined();
  });
});
