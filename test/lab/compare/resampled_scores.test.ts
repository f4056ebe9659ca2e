import { describe, expect, it } from 'vitest';
import { freedomOfClasses, interval } from '../../../src/lab/compare/inference.ts';
import {
  type Outcome,
  resampleScores,
  type ScoreVector,
  weightedScores,
} from '../../../src/lab/compare/resampled_scores.ts';
import { evaluateClassification } from '../../../src/metrics/classification.ts';
import { Philox } from '../../../src/node.ts';

const SIZES = [60, 40, 25, 15];
const CLASSES = SIZES.length;
const targets = SIZES.flatMap((size, c) => new Array<number>(size).fill(c));
const balanced = ({ balancedAccuracy }: ScoreVector) => balancedAccuracy;
const ones = new Float64Array(targets.length).fill(1);

/** Predictions that are right with a probability of each class; a wrong one is the next class. */
function drawn(generator: Philox, rates: readonly number[], like?: Outcome): Outcome {
  const predictions = targets.map((target, i) => {
    // Half of the images are as hard for the one network as for the other.
    const uniform = generator.uniform();
    const right = like && generator.uniform() < 0.5 ? like.predictions[i] === target : uniform < rates[target];
    return right ? target : (target + 1) % CLASSES;
  });
  return { predictions, confidence: targets.map(() => 0.7) };
}

describe('weightedScores', () => {
  it('are the metrics where all images weigh alike', () => {
    const generator = new Philox(4);
    const probabilities = Float32Array.from({ length: targets.length * CLASSES }, () => generator.uniform());
    for (let i = 0; i < targets.length; i++) {
      const row = probabilities.subarray(i * CLASSES, (i + 1) * CLASSES);
      const sum = row.reduce((a, b) => a + b, 0);
      row.forEach((value, c) => {
        row[c] = value / sum;
      });
    }
    const metrics = evaluateClassification({ targets: Uint32Array.from(targets), probabilities, classes: CLASSES });
    const rows = targets.map((_, i) => [...probabilities.subarray(i * CLASSES, (i + 1) * CLASSES)]);
    const outcome = {
      predictions: rows.map((row) => row.indexOf(Math.max(...row))),
      confidence: rows.map((row) => Math.max(...row)),
    };
    const scores = weightedScores(targets, outcome, ones, CLASSES);
    expect(scores.balancedAccuracy).toBeCloseTo(metrics.balancedAccuracy, 12);
    expect(scores.macroF1).toBeCloseTo(metrics.macro.f1, 12);
    expect(scores.calibrationError).toBeCloseTo(metrics.expectedCalibrationError, 6);
    for (const [c, recall] of scores.recalls.entries()) expect(recall).toBeCloseTo(metrics.perClass[c].recall, 12);
  });

  it('count an image as often as it weighs', () => {
    const outcome = drawn(new Philox(1), [0.5, 0.5, 0.5, 0.5]);
    const weights = targets.map((_, i) => i % 3);
    const repeated = targets.flatMap((_, i) => new Array<number>(i % 3).fill(i));
    const alone = weightedScores(
      repeated.map((i) => targets[i]),
      { predictions: repeated.map((i) => outcome.predictions[i]), confidence: repeated.map(() => 0.7) },
      new Float64Array(repeated.length).fill(1),
      CLASSES,
    );
    expect(weightedScores(targets, outcome, weights, CLASSES)).toEqual({
      ...alone,
      calibrationError: expect.closeTo(alone.calibrationError, 10),
    });
  });
});

describe('resampleScores', () => {
  it('has the variance that can be derived: p (1 − p) / (n − 1) of each class with two images more', () => {
    const outcome = drawn(new Philox(2), [0.9, 0.6, 0.4, 0.2]);
    const { recalls } = weightedScores(targets, outcome, ones, CLASSES);
    const resampled = resampleScores(targets, [[outcome]], { classes: CLASSES, replicates: 4000, seed: 1 });
    const variances = SIZES.map((n, c) => {
      const p = (recalls[c] * n + 1) / (n + 2);
      return (p * (1 - p)) / (n - 1);
    });
    variances.forEach((expected, c) => {
      const found = resampled.variance((scores) => scores.recalls[c]).each[0];
      // The standard error of a variance over 4,000 draws is 2.2 %.
      expect(Math.abs(found / expected - 1)).toBeLessThan(0.1);
    });
    const sum = variances.reduce((a, b) => a + b, 0) / CLASSES ** 2;
    expect(Math.abs(resampled.variance(balanced).each[0] / sum - 1)).toBeLessThan(0.1);
  });

  it('gives intervals that hold the truth in 95 % of 2,000 runs, of a score and of a difference', () => {
    const rates = [
      [0.85, 0.7, 0.55, 0.45],
      [0.8, 0.72, 0.62, 0.6],
    ];
    // Of the second network half of the images follow the first.
    const truths = [rates[0], rates[0].map((rate, c) => (rate + rates[1][c]) / 2)].map(
      (all) => all.reduce((a, b) => a + b, 0) / CLASSES,
    );
    const runs = 2000;
    let [hits, pairHits] = [0, 0];
    const generator = new Philox(7);
    const freedom = freedomOfClasses(SIZES);
    for (let run = 0; run < runs; run++) {
      const first = drawn(generator, rates[0]);
      const second = drawn(generator, rates[1], first);
      const scores = [first, second].map((one) => weightedScores(targets, one, ones, CLASSES).balancedAccuracy);
      const options = { classes: CLASSES, replicates: 200, seed: run };
      const { each, difference } = resampleScores(targets, [[first], [second]], options).variance(balanced);
      const own = interval(scores[1], { images: { variance: each[1], freedom }, seeds: [] }, [0, 1]);
      const pair = interval(
        scores[1] - scores[0],
        { images: { variance: difference[1], freedom }, seeds: [] },
        [-1, 1],
      );
      if (own.low <= truths[1] && truths[1] <= own.high) hits++;
      if (pair.low <= truths[1] - truths[0] && truths[1] - truths[0] <= pair.high) pairHits++;
    }
    expect(Math.abs(hits / runs - 0.95)).toBeLessThanOrEqual(0.015);
    expect(Math.abs(pairHits / runs - 0.95)).toBeLessThanOrEqual(0.015);
  });

  it('is not certain of a class of four images that are all right', () => {
    const few = [0, 0, 0, 0, 1, 1, 1, 1];
    const outcomeOf = (predictions: number[]) => ({ predictions, confidence: few.map(() => 0.9) });
    const trained = [[outcomeOf([0, 0, 0, 0, 0, 0, 0, 0])], [outcomeOf(few)]];
    const { difference } = resampleScores(few, trained, { classes: 2, replicates: 2000, seed: 1 }).variance(
      ({ recalls }) => recalls[1],
    );
    // Of four pairs and one of each kind in halves: mean difference (4 + 0) / 6, its square (4 + 1) / 6.
    const expected = (5 / 6 - (4 / 6) ** 2) / 3;
    expect(Math.abs(difference[1] / expected - 1)).toBeLessThan(0.1);
  });
});
