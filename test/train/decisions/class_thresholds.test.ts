import { describe, expect, it } from 'vitest';
import { predictedClasses } from '../../../src/metrics/classification.ts';
import { adjustLogits, Philox, softmax, tensor } from '../../../src/node.ts';
import { fitClassThresholds, withClassThresholds } from '../../../src/train/decisions/class_thresholds.ts';
import { randomValues, relativeError, useGpu } from '../../gpu.ts';

const held = useGpu();

describe('withClassThresholds', () => {
  it('divides by the thresholds and scales each row to 1', () => {
    const scaled = withClassThresholds(Float32Array.of(0.6, 0.4, 0.9, 0.1), [1, 0.5]);
    // 0.6 : 0.8 and 0.9 : 0.2.
    expect(relativeError(scaled, [3 / 7, 4 / 7, 9 / 11, 2 / 11])).toBeLessThan(1e-6);
  });

  it("by the classes' shares is the post-hoc logit adjustment", async () => {
    const { gpu } = held;
    const counts = [70, 20, 10];
    const logits = tensor(gpu, randomValues(12, 1, -3, 3), [4, 3]);
    const adjusted = await softmax(adjustLogits(logits, counts)).data();
    const scaled = withClassThresholds(
      await softmax(logits).data(),
      counts.map((n) => n / 100),
    );
    // Both divide numbers rounded by 6e-8 a few times.
    expect(relativeError(scaled, adjusted)).toBeLessThan(2e-6);
  });

  it('refuses a threshold of 0 and rows of another length', () => {
    expect(() => withClassThresholds(new Float32Array(4), [1, 0])).toThrow('threshold 1 is 0, expected above 0');
    expect(() => withClassThresholds(new Float32Array(5), [1, 1])).toThrow('5 probabilities are no rows of 2 classes');
  });
});

describe('fitClassThresholds', () => {
  it('gives back the recall of a class that the model undervalues', () => {
    // Class 1 is told apart perfectly, but never gets more than 0.3.
    const generator = new Philox(1);
    const targets = Uint8Array.from({ length: 60 }, (_, i) => (i % 6 === 0 ? 1 : 0));
    const probabilities = Float32Array.from({ length: 120 }, (_, i) => {
      const p = targets[i >> 1] === 1 ? 0.2 + 0.1 * generator.uniform() : 0.1 * generator.uniform();
      return p;
    });
    for (let i = 0; i < 60; i++) probabilities[2 * i] = 1 - probabilities[2 * i + 1];
    const thresholds = fitClassThresholds({ targets, probabilities, classes: 2 });
    const { predictions } = predictedClasses(withClassThresholds(probabilities, thresholds), 2);
    expect([...predictions]).toEqual([...targets]);
    expect(thresholds[1]).toBeLessThan(thresholds[0]);
    expect(thresholds[0] * thresholds[1]).toBeCloseTo(1, 12);
  });

  it('leaves alone what it cannot better, and classes without samples', () => {
    const probabilities = Float32Array.of(0.8, 0.1, 0.1, 0.2, 0.7, 0.1);
    expect(fitClassThresholds({ targets: [0, 1], probabilities, classes: 3 })).toEqual([1, 1, 1]);
    expect(() => fitClassThresholds({ targets: [], probabilities: new Float32Array(0), classes: 3 })).toThrow(
      'fitClassThresholds: no samples to choose by.',
    );
    expect(() => fitClassThresholds({ targets: [0], probabilities, classes: 3 })).toThrow('expected 1 samples');
  });
});
