import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { classCounts } from '../../src/data/class_counts.ts';
import { longTail, longTailCounts, stepCounts } from '../../src/data/long_tail.ts';
import { UserError } from '../../src/runtime/errors.ts';

interface Case {
  classes: number;
  max: number;
  ratio: number;
  counts: number[];
}
const golden: Case[] = JSON.parse(readFileSync(new URL('../fixtures/data/long_tail.json', import.meta.url), 'utf8'));

/** `perClass` samples of each class, classes alternating. */
function evenLabels(perClass: number, classes: number): Uint8Array {
  return Uint8Array.from({ length: perClass * classes }, (_, sample) => sample % classes);
}

describe('longTailCounts', () => {
  it.each(golden)("equals Python's for $classes classes, max $max, ratio $ratio", ({ classes, max, ratio, counts }) => {
    expect(longTailCounts(classes, max, ratio)).toEqual(counts);
  });

  it("gives the lab's counts", () => {
    const counts = longTailCounts(10, 5000, 100);
    expect(counts).toEqual([5000, 2997, 1796, 1077, 645, 387, 232, 139, 83, 50]);
    expect(counts.reduce((sum, count) => sum + count)).toBe(12_406);
  });

  it('gives one class its maximum', () => {
    expect(longTailCounts(1, 7, 100)).toEqual([7]);
  });
});

describe('stepCounts', () => {
  it('halves the classes, the middle one with the small ones', () => {
    expect(stepCounts(5, 100, 8)).toEqual([100, 100, 12, 12, 12]);
    expect(stepCounts(2, 3, 100)).toEqual([3, 1]);
    expect(stepCounts(1, 7, 2)).toEqual([3]);
  });
});

describe('longTail', () => {
  it('takes the first of each class where that is asked for, and makes a step', () => {
    const options = { classes: 4, max: 5, ratio: 5, seed: 1, type: 'step', images: 'first' } as const;
    const { indices, counts } = longTail(evenLabels(9, 4), options);
    expect(counts).toEqual([5, 5, 1, 1]);
    expect([...indices]).toEqual([0, 1, 2, 3, 4, 5, 8, 9, 12, 13, 16, 17]);
    expect(longTail(evenLabels(9, 4), { ...options, images: 'random' }).indices).not.toEqual(indices);
  });

  const labels = evenLabels(500, 10);

  it('draws as many of each class as it says, none twice, all of the right class', () => {
    const { indices, counts, measuredRatio, notes } = longTail(labels, { classes: 10, max: 500, ratio: 20, seed: 42 });
    expect(counts).toEqual([500, 358, 256, 184, 132, 94, 67, 48, 34, 25]);
    expect(indices).toBeInstanceOf(Uint32Array);
    expect(new Set(indices).size).toBe(indices.length);
    expect(
      classCounts(
        Uint8Array.from(indices, (index) => labels[index]),
        10,
      ),
    ).toEqual(counts);
    expect(indices).toEqual(indices.slice().sort());
    expect(measuredRatio).toBe(20);
    expect(notes).toEqual([]);
  });

  it('draws the same for the same seed, other samples for another', () => {
    const draw = (seed: number) => longTail(labels, { classes: 10, max: 100, ratio: 10, seed }).indices;
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
  });

  it('draws at random, not the first samples, and not alike in two classes', () => {
    const { indices } = longTail(labels, { classes: 10, max: 100, ratio: 1, seed: 3 });
    const ranks = (label: number) =>
      [...indices].filter((index) => labels[index] === label).map((index) => Math.floor(index / 10));
    // 100 of 500 ranks drawn without replacement: mean 249.5, standard deviation of the mean 12.9.
    for (let label = 0; label < 10; label++) {
      const mean = ranks(label).reduce((sum, rank) => sum + rank, 0) / 100;
      expect(Math.abs(mean - 249.5)).toBeLessThan(5 * 12.9);
    }
    expect(ranks(0)).not.toEqual(ranks(1));
  });

  it('draws a smaller share as part of a larger one', () => {
    const large = new Set(longTail(labels, { classes: 10, max: 400, ratio: 10, seed: 5 }).indices);
    const small = longTail(labels, { classes: 10, max: 200, ratio: 10, seed: 5 }).indices;
    expect([...small].every((index) => large.has(index))).toBe(true);
  });

  it('lowers a maximum that no class reaches, and says so', () => {
    const { counts, notes } = longTail(labels, { classes: 10, max: 5000, ratio: 100, seed: 0 });
    expect(counts).toEqual(longTailCounts(10, 500, 100));
    expect(notes).toEqual([
      'The largest class has 500 samples, fewer than the 5000 asked for: the tail starts at 500.',
    ]);
  });

  it('takes all of a class that has fewer than its share, and says so', () => {
    const uneven = Uint8Array.from([...evenLabels(100, 3), 0, 0, 0].filter((label, at) => label !== 1 || at < 30));
    expect(classCounts(uneven, 3)).toEqual([103, 10, 100]);
    const { counts, notes, measuredRatio } = longTail(uneven, { classes: 3, max: 100, ratio: 4, seed: 0 });
    expect(counts).toEqual([100, 10, 25]);
    expect(measuredRatio).toBe(10);
    expect(notes).toEqual(['Class 1 has 10 samples, fewer than its share of 50: all are taken.']);
  });

  it('keeps one sample of each class, and none of a class without any', () => {
    expect(longTail(labels, { classes: 10, max: 1, ratio: 1000, seed: 0 }).counts).toEqual(new Array(10).fill(1));
    const { counts, measuredRatio, notes } = longTail(Uint8Array.from([0, 0, 2]), {
      classes: 3,
      max: 2,
      ratio: 2,
      seed: 0,
    });
    expect(counts).toEqual([2, 0, 1]);
    expect(measuredRatio).toBe(2);
    expect(notes).toEqual(['Class 1 has 0 samples, fewer than its share of 1: all are taken.']);
  });

  it.each([
    [{ ratio: 0.5 }, 'The imbalance ratio is 0.5'],
    [{ ratio: Number.NaN }, 'The imbalance ratio is NaN'],
    [{ ratio: Number.POSITIVE_INFINITY }, 'The imbalance ratio is Infinity'],
    [{ max: 0 }, 'is to have 0 samples'],
    [{ max: 2.5 }, 'is to have 2.5 samples'],
  ])('refuses %j', (wrong, message) => {
    const draw = () => longTail(labels, { classes: 10, max: 10, ratio: 10, seed: 0, ...wrong });
    expect(draw).toThrow(UserError);
    expect(draw).toThrow(message);
  });
});
