import { describe, expect, it } from 'vitest';
import { confusionMatrix, rowNormalized, supports, topConfusedPairs } from '../../src/metrics/confusion.ts';

describe('confusionMatrix', () => {
  it('has true classes as rows', () => {
    const confusion = confusionMatrix([0, 0, 0, 2, 2], [0, 1, 1, 2, 0], 3);
    expect(confusion).toEqual([
      [1, 2, 0],
      [0, 0, 0],
      [1, 0, 1],
    ]);
    expect(supports(confusion)).toEqual([3, 0, 2]);
    expect(rowNormalized(confusion)).toEqual([
      [1 / 3, 2 / 3, 0],
      [0, 0, 0],
      [0.5, 0, 0.5],
    ]);
  });

  it('refuses lengths that differ, values that are no class, and no samples', () => {
    expect(() => confusionMatrix([0, 1], [0], 2)).toThrow('2 targets and 1 predictions');
    expect(() => confusionMatrix([0, 2], [0, 1], 2)).toThrow('target 1 is 2, expected a class from 0 to 1');
    expect(() => confusionMatrix([0, 1], [0, -1], 2)).toThrow('prediction 1 is -1');
    expect(() => confusionMatrix([], [], 2)).toThrow('no samples');
  });
});

describe('topConfusedPairs', () => {
  const confusion = [
    [5, 2, 1, 0],
    [2, 8, 0, 2],
    [0, 0, 0, 0],
    [0, 2, 0, 0],
  ];

  it('orders by count, then rate, then class, leaving out the diagonal and what never happened', () => {
    expect(topConfusedPairs(confusion)).toEqual([
      { truth: 3, predicted: 1, count: 2, rate: 1 },
      { truth: 0, predicted: 1, count: 2, rate: 0.25 },
      { truth: 1, predicted: 0, count: 2, rate: 2 / 12 },
      { truth: 1, predicted: 3, count: 2, rate: 2 / 12 },
      { truth: 0, predicted: 2, count: 1, rate: 0.125 },
    ]);
  });

  it('stops at the limit', () => {
    expect(topConfusedPairs(confusion, 2).map(({ truth }) => truth)).toEqual([3, 0]);
    expect(topConfusedPairs([[3]])).toEqual([]);
  });
});
