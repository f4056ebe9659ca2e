import { describe, expect, it } from 'vitest';
import { averagePrecision } from '../../src/metrics/average_precision.ts';
import { classificationCases, expectClose } from './classification_fixture.ts';

describe('averagePrecision', () => {
  it.each(classificationCases)('agrees with scikit-learn: $name', ({ targets, probabilities, classes, ranking }) => {
    const found = averagePrecision(targets, Float32Array.from(probabilities), classes);
    expectClose(found.perClass, ranking.perClass.averagePrecision);
    expectClose([found.macro, found.weighted], ranking.averagePrecision);
  });

  it('leaves a class without samples out of its means and names it', () => {
    const found = averagePrecision([0, 0, 1], Float32Array.of(0.75, 0.25, 0, 0.5, 0.5, 0, 0.5, 0.25, 0.25), 3);
    expect(found.perClass[2]).toBeNaN();
    expect(found.macro).toBe((found.perClass[0] + found.perClass[1]) / 2);
    expect(found.notes).toEqual(['Average precision leaves class 2 out of its means: it has no samples.']);
  });
});
