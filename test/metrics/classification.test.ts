import { describe, expect, it } from 'vitest';
import { evaluateClassification, predictedClasses } from '../../src/metrics/classification.ts';
import { classificationCases, expectClose } from './classification_fixture.ts';

describe('evaluateClassification', () => {
  it.each(classificationCases)('agrees with scikit-learn: $name', (of) => {
    const { classes, targets } = of;
    const probabilities = Float32Array.from(of.probabilities);
    const found = evaluateClassification({ targets, probabilities, classes });
    expect(found.samples).toBe(targets.length);
    expect(found.confusion).toEqual(of.confusion);
    expectClose([found.accuracy, found.balancedAccuracy], [of.accuracy, of.balancedAccuracy]);
    expectClose([found.precision, found.recall, found.f1], of.weighted);
    expectClose([found.macro.precision, found.macro.recall, found.macro.f1], of.macro);
    expectClose([found.macro.rocAuc, found.rocAuc], of.ranking.rocAuc);
    expectClose([found.macro.averagePrecision, found.averagePrecision], of.ranking.averagePrecision);
    expectClose(
      found.perClass.map(({ rocAuc }) => rocAuc),
      of.ranking.perClass.rocAuc,
    );
    expect(found.perClass.map(({ support }) => support)).toEqual(of.perClass[3]);
    expectClose([found.expectedCalibrationError], [of.calibration.expectedCalibrationError]);
    const undefinedScores = [...of.ranking.perClass.rocAuc, ...of.ranking.perClass.averagePrecision];
    expect(found.notes.length).toBe(undefinedScores.filter((value) => value === null).length);
  });

  it('survives JSON as it is', () => {
    for (const { classes, targets, probabilities } of classificationCases) {
      const found = evaluateClassification({ targets, probabilities: Float32Array.from(probabilities), classes });
      expect(JSON.parse(JSON.stringify(found))).toEqual(found);
    }
  });

  it('takes bytes as targets', () => {
    const { targets, classes, ...of } = classificationCases[0];
    const probabilities = Float32Array.from(of.probabilities);
    const bytes = Uint8Array.from(targets);
    expect(evaluateClassification({ targets: bytes, probabilities, classes })).toEqual(
      evaluateClassification({ targets, probabilities, classes }),
    );
  });

  it.each([
    [{ targets: [0, 1], values: [1, 0, Number.NaN, 1] }, 'the probability of sample 1, class 0 is NaN'],
    [
      { targets: [0, 1], values: [1, Number.POSITIVE_INFINITY, 0, 1] },
      'the probability of sample 0, class 1 is Infinity',
    ],
    [{ targets: [0, 1], values: [1, 0, 1] }, '3 probabilities, expected 2 samples × 2 classes = 4'],
    [{ targets: [0, 2], values: [1, 0, 0, 1] }, 'target 1 is 2, expected a class from 0 to 1'],
    [{ targets: [0, 0.5], values: [1, 0, 0, 1] }, 'target 1 is 0.5'],
    [{ targets: [], values: [] }, 'no samples to measure'],
  ])('refuses %j', ({ targets, values }, message) => {
    const evaluate = () => evaluateClassification({ targets, probabilities: Float32Array.from(values), classes: 2 });
    expect(evaluate).toThrow(RangeError);
    expect(evaluate).toThrow(message);
  });
});

describe('predictedClasses', () => {
  it('takes the first of equal probabilities', () => {
    const { predictions, confidence } = predictedClasses(Float32Array.of(0.25, 0.5, 0.25, 0.125, 0.4375, 0.4375), 3);
    expect([...predictions]).toEqual([1, 1]);
    expect([...confidence]).toEqual([0.5, 0.4375]);
  });
});
