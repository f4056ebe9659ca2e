import { describe, expect, it } from 'vitest';
import { trustworthiness } from '../../src/metrics/trustworthiness.ts';
import { digits, digitsGolden } from '../lab/features/digits.ts';

describe('trustworthiness', () => {
  const features = digits.features.slice(0, 24 * 64);
  const points = Float32Array.from(digitsGolden.scattered);

  it.each(Object.entries(digitsGolden.scatteredTrustworthiness))(
    'agrees with scikit-learn for %s neighbours',
    (neighbours, expected) => {
      const found = trustworthiness({ features, dimensions: 64, points, neighbours: Number(neighbours) });
      // Sums of whole numbers.
      expect(found).toBeCloseTo(expected, 14);
    },
  );

  it('is 1 where the points are the features', () => {
    const line = Float32Array.from({ length: 30 }, (_, i) => i * i);
    expect(trustworthiness({ features: line, dimensions: 1, points: line, pointDimensions: 1 })).toBe(1);
  });

  it('ranks equal distances equally, whatever their order', () => {
    // From the first point all others are equally far; every choice of neighbours is as good.
    const square = Float32Array.of(0, 0, 1, 0, 0, 1, -1, 0, 0, -1);
    const spread = [0, 3.1, 1.2, 2, 4.3];
    const measure = (order: readonly number[]) =>
      trustworthiness({
        features: Float32Array.from(order.flatMap((i) => [square[2 * i], square[2 * i + 1]])),
        dimensions: 2,
        points: Float32Array.from(order, (i) => spread[i]),
        pointDimensions: 1,
        neighbours: 1,
      });
    expect(measure([0, 1, 2, 3, 4])).toBe(measure([4, 2, 0, 3, 1]));
  });

  it('says which argument is wrong', () => {
    expect(() => trustworthiness({ features, dimensions: 64, points: Float32Array.of(1, 2) })).toThrow(
      'trustworthiness: 2 coordinates, expected 24 points × 2 dimensions = 48.',
    );
    expect(() => trustworthiness({ features, dimensions: 64, points })).toThrow(
      '12 neighbours among 24 points, expected from 1 to below 12.',
    );
  });
});
