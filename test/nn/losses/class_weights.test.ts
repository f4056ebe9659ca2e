import { describe, expect, it } from 'vitest';
import { classWeights } from '../../../src/node.ts';

/** What is computed in float64 and told in a few digits. */
function expectNear(actual: number[], expected: number[]): void {
  expect(actual).toHaveLength(expected.length);
  for (const [c, value] of expected.entries()) expect(actual[c]).toBeCloseTo(value, 10);
}

describe('classWeights', () => {
  it('inverse: 1 / n, scaled to add up to the number of classes', () => {
    expectNear(classWeights([100, 50, 25], 'inverse', { scaled: false }), [0.01, 0.02, 0.04]);
    expectNear(classWeights([100, 50, 25], 'inverse'), [3 / 7, 6 / 7, 12 / 7]);
  });

  it('effective number: (1 − β) / (1 − βⁿ)', () => {
    expectNear(classWeights([1, 2, 3], 'effective-number', { beta: 0.5, scaled: false }), [1, 2 / 3, 4 / 7]);
    const sum = 1 + 2 / 3 + 4 / 7;
    expectNear(classWeights([1, 2, 3], 'effective-number', { beta: 0.5 }), [3 / sum, 2 / sum, 12 / 7 / sum]);
  });

  it('effective number: from even weights at β = 0 to the inverse at β = 1', () => {
    expectNear(classWeights([5000, 50], 'effective-number', { beta: 0 }), [1, 1]);
    expect(classWeights([5000, 50], 'effective-number', { beta: 1 })).toEqual(classWeights([5000, 50], 'inverse'));
    // β = 0.9999 by default: the larger class counts as 3,935 samples, not 5,000.
    const [many, few] = classWeights([5000, 50], 'effective-number');
    expect(few / many).toBeCloseTo((1 - 0.9999 ** 5000) / (1 - 0.9999 ** 50), 8);
  });

  it('gives a class without samples no weight', () => {
    expectNear(classWeights([10, 0, 10], 'inverse'), [1.5, 0, 1.5]);
    expectNear(classWeights([10, 0, 10], 'effective-number'), [1.5, 0, 1.5]);
  });

  it('says what is wrong with its arguments', () => {
    expect(() => classWeights([1, -2], 'inverse')).toThrow('class 1 has -2 samples');
    expect(() => classWeights([Number.NaN], 'inverse')).toThrow('class 0 has NaN samples');
    expect(() => classWeights([0, 0], 'inverse')).toThrow('counts of 2 classes hold no sample');
    expect(() => classWeights([1], 'effective-number', { beta: 1.5 })).toThrow('beta must be from 0 to 1, not 1.5');
  });
});
