import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  holm,
  imagesNeeded,
  interval,
  pValue,
  shareInterval,
  uncertaintyOf,
} from '../../../src/lab/compare/inference.ts';
import { meanOf } from '../../../src/lab/compare/resampled_scores.ts';

interface Golden {
  holm: { p: number[]; corrected: number[] }[];
  differences: { a: number[]; b: number[]; images: number; low: number; high: number; p: number }[];
  wilson: { count: number; right: number; interval: [number, number] }[];
}
const golden: Golden = JSON.parse(readFileSync(new URL('../../fixtures/lab/inference.json', import.meta.url), 'utf8'));

/** A variance that is known exactly. */
const known = (variance: number) => ({ variance, freedom: Number.POSITIVE_INFINITY });

describe('inference as SciPy and statsmodels have it', () => {
  it.each(golden.holm)("corrects $p as Holm's method", ({ p, corrected }) => {
    for (const [i, value] of holm(p).entries()) expect(value).toBeCloseTo(corrected[i], 12);
  });

  it.each(golden.differences)('gives interval and p of $a against $b', ({ a, b, images, low, high, p }) => {
    const uncertainty = uncertaintyOf(known(images), a, b);
    const found = interval(meanOf(a) - meanOf(b), uncertainty, [-1, 1]);
    expect(found.low).toBeCloseTo(low, 6);
    expect(found.high).toBeCloseTo(high, 6);
    expect(pValue(found.value, uncertainty)).toBeCloseTo(p, 6);
  });

  it.each(golden.wilson)('gives the interval of $right of $count', ({ count, right, interval: [low, high] }) => {
    const found = shareInterval(right / count, count);
    expect(found.low).toBeCloseTo(low, 8);
    expect(found.high).toBeCloseTo(high, 8);
  });
});

describe('what borders on nothing', () => {
  it('keeps an interval within the values there can be', () => {
    expect(interval(0.99, { images: known(0.01), seeds: [] }, [0, 1])).toMatchObject({ high: 1 });
    expect(shareInterval(0, 0)).toEqual({ low: 0, high: 1 });
  });

  it('knows a difference of exactly nothing as none', () => {
    expect(pValue(0, { images: known(0), seeds: [] })).toBe(1);
    expect(pValue(0.1, { images: known(0), seeds: [] })).toBe(0);
  });

  it('says how many more images it takes, or that none would do', () => {
    // 1.96 standard errors are needed; there is 1.
    expect(imagesNeeded(0.02, { images: known(0.02 ** 2), seeds: [] }, 1)).toBeCloseTo(1.96 ** 2, 2);
    const lucky = { images: known(1e-6), seeds: [{ variance: 1e-3, freedom: 2 }] };
    expect(imagesNeeded(0.02, lucky, 1)).toBeNull();
  });
});
