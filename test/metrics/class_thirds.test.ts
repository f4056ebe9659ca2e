import { describe, expect, it } from 'vitest';
import { classThirds, recallByThird } from '../../src/metrics/class_thirds.ts';
import { evaluateClassification } from '../../src/metrics/classification.ts';

describe('classThirds', () => {
  it('sorts classes by size, whatever their order', () => {
    expect(classThirds([5, 100, 1, 50, 20, 2, 70])).toEqual({ largest: [1, 6], middle: [3, 4, 0], smallest: [5, 2] });
  });

  it('takes the first of equals as larger, and leaves no middle of two', () => {
    expect(classThirds([3, 3, 3])).toEqual({ largest: [0], middle: [1], smallest: [2] });
    expect(classThirds([1, 2])).toEqual({ largest: [1], middle: [], smallest: [0] });
  });
});

describe('recallByThird', () => {
  it('means the recalls of the classes of a third', () => {
    // Class 0 right once of two, class 1 always, class 2 never.
    const metrics = evaluateClassification({
      targets: [0, 0, 1, 2],
      probabilities: Float32Array.of(1, 0, 0, 0, 1, 0, 0, 1, 0, 1, 0, 0),
      classes: 3,
    });
    expect(recallByThird(metrics, [9, 1, 5])).toEqual({ largest: 0.5, middle: 0, smallest: 1 });
  });
});
