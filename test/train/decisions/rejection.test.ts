import { describe, expect, it } from 'vitest';
import { acceptedAt, coverageCurve, thresholdForCoverage } from '../../../src/train/decisions/rejection.ts';

// In the order of confidence: right, right, wrong; right and wrong at the same one.
const CONFIDENCE = [0.5, 0.9, 0.8, 0.95, 0.5];
const CORRECT = [true, true, false, true, false];

describe('coverageCurve', () => {
  it('decides the surest first, and those of one confidence together', () => {
    expect(coverageCurve(CONFIDENCE, CORRECT)).toEqual([
      { threshold: 0.95, coverage: 0.2, accuracy: 1 },
      { threshold: 0.9, coverage: 0.4, accuracy: 1 },
      { threshold: 0.8, coverage: 0.6, accuracy: 2 / 3 },
      { threshold: 0.5, coverage: 1, accuracy: 3 / 5 },
    ]);
  });

  it('refuses no samples, and other numbers of outcomes', () => {
    expect(() => coverageCurve([], [])).toThrow('coverageCurve: 0 confidences and 0 outcomes');
    expect(() => coverageCurve([0.5], [])).toThrow('coverageCurve: 1 confidences and 0 outcomes');
  });
});

describe('acceptedAt', () => {
  it('agrees with the curve at each of its thresholds', () => {
    for (const { threshold, coverage, accuracy } of coverageCurve(CONFIDENCE, CORRECT)) {
      expect(acceptedAt(threshold, CONFIDENCE, CORRECT)).toEqual({ coverage, accuracy });
    }
  });

  it('knows no accuracy where nothing is decided', () => {
    expect(acceptedAt(0.96, CONFIDENCE, CORRECT)).toEqual({ coverage: 0, accuracy: null });
  });
});

describe('thresholdForCoverage', () => {
  it('gives the lowest threshold that decides no more than the share', () => {
    const curve = coverageCurve(CONFIDENCE, CORRECT);
    expect(thresholdForCoverage(curve, 1)).toBe(0.5);
    expect(thresholdForCoverage(curve, 0.8)).toBe(0.8);
    expect(thresholdForCoverage(curve, 0.4)).toBe(0.9);
    expect(thresholdForCoverage(curve, 0.1)).toBe(0.95);
  });
});
