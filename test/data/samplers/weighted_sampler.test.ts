import { describe, expect, it } from 'vitest';
import { AliasTable } from '../../../src/data/samplers/alias_table.ts';
import { weightedSampler } from '../../../src/data/samplers/weighted_sampler.ts';
import { Philox } from '../../../src/node.ts';
import { chiSquare, chiSquareBound } from './chi_square.ts';

function frequencies(weights: readonly number[], draws: number): number[] {
  const table = new AliasTable(weights);
  const generator = new Philox(7);
  const times = weights.map(() => 0);
  for (let i = 0; i < draws; i++) times[table.draw(generator)]++;
  return times;
}

describe('AliasTable', () => {
  it.each([
    [[1, 2, 3, 4]],
    [[1, 1, 1]],
    [[1e-3, 1, 50]],
    [[5]],
    [Array.from({ length: 97 }, (_, i) => 1 + (i % 10))],
    [[0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1]],
  ])('draws in proportion to the weights: %j', (weights) => {
    const draws = 200_000;
    const sum = weights.reduce((a, b) => a + b);
    const expected = weights.map((weight) => (draws * weight) / sum);
    expect(chiSquare(frequencies(weights, draws), expected)).toBeLessThanOrEqual(chiSquareBound(weights.length));
  });

  it('never draws a weight of 0', () => {
    const times = frequencies([0, 0.1, 0, 0.7, 0, 0.2, 0], 20_000);
    expect([times[0], times[2], times[4], times[6]]).toEqual([0, 0, 0, 0]);
    expect(Math.min(times[1], times[3], times[5])).toBeGreaterThan(0);
  });

  it.each([
    [[1, -1], 'weight 1 is -1'],
    [[Number.NaN], 'weight 0 is NaN'],
    [[1, Number.POSITIVE_INFINITY], 'weight 1 is Infinity'],
    [[0, 0], 'the weights must have a sum above 0; it is 0 for 2 of them'],
    [[], 'it is 0 for 0 of them'],
  ])('refuses %j', (weights, message) => {
    expect(() => new AliasTable(weights)).toThrow(RangeError);
    expect(() => new AliasTable(weights)).toThrow(message);
  });
});

describe('weightedSampler', () => {
  it('draws with replacement as many as asked for', () => {
    const sampler = weightedSampler({ weights: [1, 0, 3], count: 4000, seed: 5 });
    const order = sampler.epochOrder(0);
    const times = [0, 0, 0];
    for (const position of order) times[position]++;
    expect(order.length).toBe(4000);
    expect(times[1]).toBe(0);
    expect(chiSquare([times[0], times[2]], [1000, 3000])).toBeLessThan(chiSquareBound(2));
  });

  it('refuses a number of draws that is none', () => {
    expect(() => weightedSampler({ weights: [1], count: 0, seed: 0 })).toThrow('at least 1, not 0');
    expect(() => weightedSampler({ weights: [1], count: 1.5, seed: 0 })).toThrow(RangeError);
  });
});
