import { describe, expect, it } from 'vitest';
import {
  epochScale,
  formatPowerOfTen,
  formatTick,
  linearScale,
  logCountScale,
  logScale,
  niceStep,
} from '../../../src/lab/plots/ticks.ts';

const labels = (scale: { ticks: { label: string }[] }): string[] => scale.ticks.map((tick) => tick.label);
const values = (scale: { ticks: { value: number }[] }): number[] => scale.ticks.map((tick) => tick.value);

describe('niceStep', () => {
  it.each([
    [10, 5, 2],
    [1, 5, 0.2],
    [5000, 5, 1000],
    [0.07, 5, 0.02],
    [9.9, 10, 1],
  ])('cuts %d into at most %d steps of %d', (span, count, step) => {
    expect(niceStep(span, count)).toBeCloseTo(step, 12);
  });
});

describe('linearScale', () => {
  it('covers the data and ends on ticks', () => {
    expect(linearScale([0.31, 2.42])).toMatchObject({ min: 0, max: 2.5 });
    expect(labels(linearScale([0.31, 2.42]))).toEqual(['0', '0.5', '1.0', '1.5', '2.0', '2.5']);
    expect(labels(linearScale([-3, 4]))).toEqual(['−4', '−2', '0', '2', '4']);
  });

  it('has no binary noise in its ticks', () => {
    expect(values(linearScale([0.471, 0.529], { count: 6 }))).toEqual([0.47, 0.48, 0.49, 0.5, 0.51, 0.52, 0.53]);
  });

  it('gives room to equal values, on the side where the quantity can lie', () => {
    const free = linearScale([5, 5]);
    expect(free.min).toBeLessThan(5);
    expect(free.max).toBeGreaterThan(5);
    expect(linearScale([100, 100], { min: 0, max: 100, minSpan: 10 })).toMatchObject({ min: 90, max: 100 });
    expect(linearScale([0, 0], { min: 0, max: 100, minSpan: 10 })).toMatchObject({ min: 0, max: 10 });
    expect(linearScale([0, 0], { zero: true })).toMatchObject({ min: 0, max: 1 });
  });

  it('keeps zero, whole steps and the least span where asked', () => {
    expect(linearScale([400, 500], { zero: true }).min).toBe(0);
    expect(labels(linearScale([0, 2], { minStep: 1 }))).toEqual(['0', '1', '2']);
    const wide = linearScale([20.1, 20.2], { minSpan: 10 });
    expect(wide.max - wide.min).toBeGreaterThanOrEqual(10);
  });

  it('passes over what is not finite and falls back to 0 to 1', () => {
    expect(linearScale([Number.NaN, 1, Number.POSITIVE_INFINITY, 3])).toMatchObject({ min: 1, max: 3 });
    expect(linearScale([Number.NaN])).toMatchObject({ min: 0, max: 1 });
  });
});

describe('formatTick', () => {
  it.each([
    [0.30000000000000004, 0.1, '0.3'],
    [-2, 1, '−2'],
    [2_500_000, 500_000, '2.5e6'],
    [5000, 1000, '5000'],
  ])('writes %d at step %d as %s', (value, step, label) => {
    expect(formatTick(value, step)).toBe(label);
  });
});

describe('logCountScale', () => {
  it('has a tick at each power of ten up to the first above the largest count', () => {
    const scale = logCountScale([5000, 2997, 50]);
    expect(scale).toMatchObject({ min: 0, max: 4, origin: 0 });
    expect(values(scale)).toEqual([0, 1, 2, 3, 4]);
    expect(labels(scale)).toEqual(['1', '10', '100', '1000', '10000']);
  });

  it('ends at a largest count that is itself a power of ten', () => {
    expect(logCountScale([1000, 20]).max).toBe(3);
  });

  it('begins at one half where a count is 1 or 0, so that 1 has a bar', () => {
    expect(logCountScale([10, 1]).min).toBeCloseTo(Math.log10(0.5), 12);
    expect(logCountScale([0, 0])).toMatchObject({ max: 1, origin: Math.log10(0.5) });
  });

  it('writes large powers with exponents', () => {
    expect(formatPowerOfTen(6)).toBe('10⁶');
    expect(formatPowerOfTen(-12)).toBe('10⁻¹²');
  });
});

describe('epochScale', () => {
  it.each([
    [1, [1]],
    [3, [1, 2, 3]],
    [15, [1, 5, 10, 15]],
    [60, [1, 10, 20, 30, 40, 50, 60]],
  ])('marks whole epochs of %d', (epochs, ticks) => {
    const scale = epochScale(epochs);
    expect(values(scale)).toEqual(ticks);
    expect(scale.min).toBeLessThan(scale.max);
  });
});

describe('logScale', () => {
  it('goes from the power of ten below the least number to the one above the largest', () => {
    const scale = logScale([0.2, 30]);
    expect(scale).toMatchObject({ min: -1, max: 2 });
    expect(values(scale)).toEqual([-1, 0, 1, 2]);
    expect(labels(scale)).toEqual(['10⁻¹', '1', '10', '100']);
  });

  it('ends at numbers that are powers of ten, and has room for one alone', () => {
    expect(logScale([0.001, 1000])).toMatchObject({ min: -3, max: 3 });
    expect(logScale([10])).toMatchObject({ min: 1, max: 2 });
  });
});
