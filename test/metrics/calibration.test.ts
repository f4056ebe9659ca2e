import { describe, expect, it } from 'vitest';
import { calibrationBins, expectedCalibrationError } from '../../src/metrics/calibration.ts';
import { predictedClasses } from '../../src/metrics/classification.ts';
import { classificationCases, expectClose } from './classification_fixture.ts';

describe('calibrationBins', () => {
  it.each(classificationCases)(
    'agrees with scikit-learn: $name',
    ({ targets, probabilities, classes, calibration }) => {
      const { predictions, confidence } = predictedClasses(Float32Array.from(probabilities), classes);
      const bins = calibrationBins(
        confidence,
        targets.map((target, sample) => target === predictions[sample]),
      );
      const filled = bins.filter(({ count }) => count > 0);
      expect(bins.map(({ count }) => count)).toEqual(calibration.counts);
      expectClose(
        filled.map(({ accuracy }) => accuracy),
        calibration.accuracy,
      );
      expectClose(
        filled.map(({ confidence }) => confidence),
        calibration.confidence,
      );
      expectClose([expectedCalibrationError(bins)], [calibration.expectedCalibrationError]);
    },
  );

  it('counts a confidence on an edge to the bin below it', () => {
    // Edges as float64 has them: the third is 0.30000000000000004, so 0.3 lies below it too.
    const values = [0, 0.1, 0.2, 0.3, 3 * 0.1, 0.5, 0.7, 0.9, 1];
    const counts = calibrationBins(values, new Array(9).fill(true)).map(({ count }) => count);
    expect(counts).toEqual([2, 1, 2, 0, 1, 0, 1, 0, 1, 1]);
  });

  it('has nulls in an empty bin, and edges that meet from 0 to 1', () => {
    const bins = calibrationBins([0.75], [false], 4);
    expect(bins).toEqual([
      { lower: 0, upper: 0.25, count: 0, accuracy: null, confidence: null },
      { lower: 0.25, upper: 0.5, count: 0, accuracy: null, confidence: null },
      { lower: 0.5, upper: 0.75, count: 1, accuracy: 0, confidence: 0.75 },
      { lower: 0.75, upper: 1, count: 0, accuracy: null, confidence: null },
    ]);
    expect(expectedCalibrationError(bins)).toBe(0.75);
  });

  it('ends at exactly 1, whatever the number of bins', () => {
    expect(calibrationBins([1], [true], 49)[48]).toMatchObject({ upper: 1, count: 1 });
  });

  it('lets a softmax in float32 end just above 1', () => {
    expect(calibrationBins(Float32Array.of(1.0000001), [true])[9].count).toBe(1);
  });

  it.each([
    [[1.1], [true], 10, 'the confidence of sample 0 is 1.1'],
    [[Number.NaN], [true], 10, 'the confidence of sample 0 is NaN'],
    [[0.5], [], 10, '1 confidences and 0 outcomes'],
    [[], [], 10, 'no samples'],
    [[0.5], [true], 0, '0 bins'],
  ])('refuses %j, %j, %i', (confidence, correct, bins, message) => {
    expect(() => calibrationBins(confidence, correct, bins)).toThrow(message);
  });
});
