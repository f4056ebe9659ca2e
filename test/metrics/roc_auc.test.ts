import { describe, expect, it } from 'vitest';
import { rocAuc } from '../../src/metrics/roc_auc.ts';
import { classificationCases, expectClose } from './classification_fixture.ts';

describe('rocAuc', () => {
  it.each(classificationCases)('agrees with scikit-learn: $name', ({ targets, probabilities, classes, ranking }) => {
    const found = rocAuc(targets, Float32Array.from(probabilities), classes);
    expectClose(found.perClass, ranking.perClass.rocAuc);
    expectClose([found.macro, found.weighted], ranking.rocAuc);
  });

  it('leaves classes without a score out of its means and names them', () => {
    const found = rocAuc([0, 0, 1], Float32Array.of(0.75, 0.25, 0, 0.5, 0.5, 0, 0.5, 0.25, 0.25), 3);
    expect(found.perClass).toEqual([0.75, 0.25, Number.NaN]);
    expect(found.macro).toBe(0.5);
    expect(found.weighted).toBe((2 * 0.75 + 0.25) / 3);
    expect(found.notes).toEqual(['ROC-AUC leaves class 2 out of its means: it has no samples.']);
    expect(rocAuc([1, 1], Float32Array.of(0.5, 0.5, 0.25, 0.75), 2)).toEqual({
      perClass: [Number.NaN, Number.NaN],
      macro: Number.NaN,
      weighted: Number.NaN,
      notes: [
        'ROC-AUC leaves class 0 out of its means: it has no samples.',
        'ROC-AUC leaves class 1 out of its means: all samples are of it.',
      ],
    });
  });

  it('does not change the scores it is given', () => {
    const scores = Float32Array.of(0.75, 0.25, 0.5, 0.5, 0.25, 0.75);
    rocAuc([0, 1, 0], scores, 2);
    expect([...scores]).toEqual([0.75, 0.25, 0.5, 0.5, 0.25, 0.75]);
  });
});
