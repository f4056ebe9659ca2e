import { describe, expect, it } from 'vitest';
import { classCounts } from '../../../src/data/class_counts.ts';
import { createSampler, type SamplerName } from '../../../src/data/samplers/index.ts';
import { chiSquare, chiSquareBound } from './chi_square.ts';

const COUNTS = [500, 200, 60, 7];
const CLASSES = COUNTS.length;
/** Classes mixed, so that a position does not tell its class. */
const labels = Uint8Array.from(
  COUNTS.flatMap((count, label) => Array.from({ length: count }, (_, i) => ({ label, place: (i + 0.5) / count })))
    .sort((a, b) => a.place - b.place)
    .map(({ label }) => label),
);
const make = (name: SamplerName, seed = 42) => createSampler(name, { labels, classes: CLASSES, seed });
const countsOf = (order: Uint32Array) =>
  classCounts(
    Uint8Array.from(order, (position) => labels[position]),
    CLASSES,
  );
/** How often each image is drawn. */
const timesDrawn = (order: Uint32Array) => classCounts(order, labels.length);

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
