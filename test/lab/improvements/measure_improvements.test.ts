import { describe, expect, it } from 'vitest';
import type { Improvement } from '../../../src/lab/improvements/improvement.ts';
import { comparisonFindings, comparisonSection, points } from '../../../src/lab/improvements/improvements_section.ts';
import {
  type ComparedScores,
  comparedNames,
  comparedScores,
  type MeasuredImprovement,
  measureImprovements,
  pairedStandardError,
  smallestClasses,
} from '../../../src/lab/improvements/measure_improvements.ts';
import { evaluationOf } from '../../../src/train/evaluation.ts';
import { TrainingDiverged } from '../../../src/train/training_task.ts';
import { useGpu } from '../../gpu.ts';
import { tinyTrial, useRunsFolder } from './tiny_trial.ts';

const held = useGpu();
const runs = useRunsFolder();
const ONE_EPOCH = { ps2: 1, ps3: 1, ps4: 1, ps6: 1, ps7: 1 };

/** Labels 0, 0, 1, 2, and what is predicted of each. */
function evaluation(predicted: number[]) {
  const probabilities = new Float32Array(12);
  for (const [i, c] of predicted.entries()) probabilities[3 * i + c] = 1;
  return evaluationOf(probabilities, { labels: Uint32Array.of(0, 0, 1, 2), classes: 3 });
}

const about = { group: 'loss', description: 'a test', title: 'a test' } as const;

describe('smallestClasses', () => {
  it('are the three with the fewest images that have any', () => {
    expect(smallestClasses([50, 5, 0, 20, 5, 9])).toEqual([1, 4, 5]);
    expect(smallestClasses([3, 0, 1])).toEqual([0, 2]);
  });
});

describe('comparedScores and pairedStandardError', () => {
  it('by hand', () => {
    const [a, b] = [evaluation([0, 1, 1, 0]), evaluation([0, 0, 2, 2])];
    expect(comparedScores(a, [1, 2])).toMatchObject({ accuracy: 0.5, minorityRecall: 0.5 });
    // Precision and recall of the classes: ½ and ½, ½ and 1, 0 and 0.
    expect(comparedScores(a, [1]).macroF1).toBeCloseTo((1 / 2 + 2 / 3 + 0) / 3, 12);
    // Only a has the third right; only b the second and the fourth.
    expect(pairedStandardError(a, b)).toBeCloseTo(Math.sqrt(3 - 1 / 4) / 4, 12);
    expect(pairedStandardError(a, a)).toBe(0);
    const fewer = evaluationOf(Float32Array.of(1, 0, 0), { labels: Uint32Array.of(0), classes: 3 });
    expect(pairedStandardError(a, fewer)).toBeNull();
    expect(comparedScores(fewer, [1, 2]).minorityRecall).toBeNull();
  });
});

describe('points', () => {
  it('has a sign, and a dash for nothing', () => {
    expect([0.0123, -0.004, 0, null].map(points)).toEqual(['+1.2', '−0.4', '0.0', '–']);
  });
});

describe('measureImprovements', () => {
  it('measures each beside the baseline, and goes on where one diverges', async () => {
    const trial = await tinyTrial(held.gpu, runs.path, { epochs: ONE_EPOCH });
    const { evaluation: before } = await trial.baseline();
    const same: Improvement = {
      ...about,
      name: 'same',
      run: async () => ({ evaluations: [before], note: 'As it was.' }),
    };
    const broken: Improvement = {
      ...about,
      name: 'broken',
      run: async () => {
        throw new TrainingDiverged('The loss is no longer finite.');
      },
    };
    const comparison = await measureImprovements(trial, [same, broken]);
    expect(comparison.minority).toEqual([1, 2, 3]);
    const [first, second] = comparison.measured;
    expect(first.scores).toEqual(comparison.baseline);
    expect(first.differences).toEqual({ balancedAccuracy: 0, accuracy: 0, macroF1: 0, minorityRecall: 0 });
    expect(first).toMatchObject({ deviations: null, standardError: 0, note: 'As it was.' });
    expect(second).toMatchObject({ outcome: null, note: 'The loss is no longer finite.' });
    expect(Object.values(second.scores)).toEqual([null, null, null, null]);
    expect(trial.context.said.at(-1)).toBe('broken: The loss is no longer finite.');

    const section = await comparisonSection(trial, comparison);
    expect(JSON.stringify(section[0])).toContain('kept back from these trainings');
    expect(trial.context.figures.map(({ name }) => name)).toEqual(['improvements']);
    const [scores, notes] = section.filter((block) => block.kind === 'table');
    expect(scores.rows.map((row) => row[0])).toEqual(['baseline', 'a test', 'a test']);
    expect(scores.rows[2].slice(2)).toEqual(['–', '–', '–', '–', '–', '–']);
    expect(notes.rows.map((row) => row[3])).toEqual(['As it was.', 'The loss is no longer finite.']);

    const defect: Improvement = { ...about, name: 'defect', run: () => Promise.reject(new TypeError('a defect')) };
    await expect(measureImprovements(trial, [defect])).rejects.toThrow('a defect');
  });

  it('gives means and deviations over the seeds', async () => {
    const trial = await tinyTrial(held.gpu, runs.path, { epochs: ONE_EPOCH, seeds: 2 });
    const { repeats } = await trial.baseline();
    const evaluations = repeats.map(({ evaluation: { targets } }) => {
      const probabilities = new Float32Array(4 * targets.length);
      for (const [i, target] of targets.entries()) probabilities[4 * i + target] = 1;
      return evaluationOf(probabilities, { labels: targets, classes: 4 });
    });
    const allRight: Improvement = { ...about, name: 'all-right', run: async () => ({ evaluations }) };
    const { measured } = await measureImprovements(trial, [allRight]);
    const [a, b] = repeats.map((one) => 1 - one.evaluation.metrics.accuracy);
    expect(measured[0].scores.accuracy).toBe(1);
    expect(measured[0].differences.accuracy).toBeCloseTo((a + b) / 2, 12);
    expect(measured[0].deviations!.accuracy).toBeCloseTo(Math.abs(a - b) / Math.SQRT2, 12);
  });
});

describe('comparisonFindings', () => {
  const baseline: ComparedScores = { balancedAccuracy: 0.5, accuracy: 0.5, macroF1: 0.4, minorityRecall: 0.2 };
  const one = (title: string, gains: [number, number, number], standardError: number | null): MeasuredImprovement => ({
    improvement: { ...about, name: 'x', title, run: () => Promise.reject() },
    outcome: { evaluations: [] },
    scores: {
      balancedAccuracy: 0.5,
      accuracy: 0.5 + gains[0],
      macroF1: 0.4 + gains[1],
      minorityRecall: 0.2 + gains[2],
    },
    differences: { balancedAccuracy: gains[0], accuracy: gains[0], macroF1: gains[1], minorityRecall: gains[2] },
    ...{ standardError, deviations: null, note: undefined },
  });
  const texts = (measured: MeasuredImprovement[]) =>
    comparisonFindings({ names: comparedNames(false), minority: [1], baseline, measured }, 1000, 1).map(
      (block) => (block as { text: string }).text,
    );

  it('name the best, count what is beyond the standard error, and say what costs accuracy', () => {
    const found = texts([
      one('first', [0.05, 0.01, -0.1], 0.02),
      one('second', [-0.05, -0.01, 0.3], 0.02),
      one('third', [0.01, 0.02, 0], 0.02),
      // Scored on other images: no gain, whatever its scores.
      one('rejection', [0.4, 0.4, 0.4], null),
    ]);
    expect(found).toEqual([
      "first has the highest accuracy: 55.0 %, +5.0 points beside the baseline's 50.0 %.",
      "third has the highest macro F1: 42.0 %, +2.0 points beside the baseline's 40.0 %.",
      "second has the highest minority recall: 50.0 %, +30.0 points beside the baseline's 20.0 %.",
      'Of 3 improvements that decide all 1000 test images, 1 raise and 1 lower the accuracy by more than two standard errors, by the number of test images; what another seed would change is not in these, as each was trained with one seed.',
      'second helps the smallest classes and costs accuracy.',
    ]);
  });

  it('claim nothing where nothing helps, and nothing of nothing', () => {
    expect(texts([one('only', [-0.01, -0.01, -0.01], 0.02)])[0]).toBe(
      'No improvement raises the accuracy of the baseline, 50.0 %.',
    );
    expect(texts([])).toEqual([]);
  });
});
