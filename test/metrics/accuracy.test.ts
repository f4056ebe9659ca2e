import { describe, expect, it } from 'vitest';
import { accuracy, balancedAccuracy } from '../../src/metrics/accuracy.ts';
import { classificationCases, expectClose } from './classification_fixture.ts';

describe('accuracy and balancedAccuracy', () => {
  it.each(classificationCases)('agree with scikit-learn: $name', (of) => {
    expectClose([accuracy(of.confusion), balancedAccuracy(of.confusion)], [of.accuracy, of.balancedAccuracy]);
  });

  it('differ where classes are of unequal size', () => {
    const confusion = [
      [9, 0, 0],
      [1, 0, 0],
      [0, 0, 0],
    ];
    expect(accuracy(confusion)).toBe(0.9);
    expect(balancedAccuracy(confusion)).toBe(0.5);
  });
});
