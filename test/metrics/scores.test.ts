import { describe, expect, it } from 'vitest';
import { meanScores } from '../../src/metrics/scores.ts';

const scores = (value: number, rocAuc: number | null = value) => ({
  ...{ accuracy: value, precision: value, recall: value, f1: value, rocAuc },
  ...{ balancedAccuracy: value, macroF1: value },
});

describe('meanScores', () => {
  it('gives one repetition as it is, without a deviation', () => {
    expect(meanScores([scores(0.3)])).toEqual({ mean: scores(0.3), deviation: null });
  });

  it('gives mean and the deviation of a sample', () => {
    const { mean, deviation } = meanScores([scores(0.1), scores(0.2), scores(0.6)]);
    expect(mean.f1).toBeCloseTo(0.3, 12);
    // ((0.2)² + (0.1)² + (0.3)²) / 2
    expect(deviation!.f1).toBeCloseTo(Math.sqrt(0.07), 12);
  });

  it('has no score where one repetition has none', () => {
    const { mean, deviation } = meanScores([scores(0.1), scores(0.2, null)]);
    expect(mean.rocAuc).toBeNull();
    expect(deviation!.rocAuc).toBeNull();
    expect(mean.accuracy).toBeCloseTo(0.15, 12);
  });
});
