import { readFileSync } from 'node:fs';
import { expect } from 'vitest';

/** One case of test/fixtures/metrics/classification.json; means stand as [macro, weighted]. */
export interface ClassificationCase {
  name: string;
  classes: number;
  targets: number[];
  probabilities: number[];
  confusion: number[][];
  accuracy: number;
  balancedAccuracy: number;
  /** precision, recall, f1, support; each per class. */
  perClass: [number[], number[], number[], number[]];
  macro: [number, number, number];
  weighted: [number, number, number];
  ranking: {
    perClass: { rocAuc: (number | null)[]; averagePrecision: (number | null)[] };
    rocAuc: [number | null, number | null];
    averagePrecision: [number | null, number | null];
  };
  calibration: { counts: number[]; accuracy: number[]; confidence: number[]; expectedCalibrationError: number };
}

export const classificationCases: ClassificationCase[] = JSON.parse(
  readFileSync(new URL('../fixtures/metrics/classification.json', import.meta.url), 'utf8'),
);

/**
 * Inputs are exact in both programs and every sum has at most 120 float64 terms of at most 1, added in another order: 120 · 2^−53 = 1.3e-14
 * bounds the difference; 1e-13 leaves room for the divisions after it.
 */
const TOLERANCE = 1e-13;

/** Numbers within the tolerance, null as null or NaN. */
export function expectClose(found: readonly (number | null)[], expected: readonly (number | null)[]): void {
  expect(found.length).toBe(expected.length);
  for (const [at, value] of expected.entries()) {
    const other = found[at];
    if (value === null) expect(other === null || Number.isNaN(other)).toBe(true);
    else expect(Math.abs((other ?? Number.NaN) - value)).toBeLessThanOrEqual(TOLERANCE);
  }
}
