import { describe, expect, it } from 'vitest';
import { chiSquare, chiSquareBound } from './chi_square.ts';
import { countsOf, labels, make, timesDrawn } from './long_tail.ts';

describe('random oversampling', () => {
  it('fills every class up to the largest, and leaves no image out', () => {
    const order = make('random-oversampling').epochOrder(0);
    expect(countsOf(order)).toEqual([500, 500, 500, 500]);
    const times = timesDrawn(order);
    expect(Math.min(...times)).toBe(1);
    expect(times.filter((_, position) => labels[position] === 0).every((n) => n === 1)).toBe(true);
  });

  it("draws a class's images alike", () => {
    const order = make('random-oversampling').epochOrder(0);
    const minority = timesDrawn(order).filter((_, position) => labels[position] === 3);
    const extra = minority.map((times) => times - 1);
    expect(chiSquare(extra, new Array(7).fill(493 / 7))).toBeLessThan(chiSquareBound(7));
  });
});
