import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { firstHalfOf, HELD_OUT, secondHalfOf } from '../../../src/lab/improvements/halves.ts';
import type { Improvement } from '../../../src/lab/improvements/improvement.ts';
import { chooseImprovements, IMPROVEMENTS } from '../../../src/lab/improvements/index.ts';
import { withNames } from '../../../src/lab/run/own_parts.ts';
import { plannedKey } from '../../../src/lab/run/training_plan.ts';
import { type Gpu, openDevice } from '../../../src/node.ts';
import { UserError } from '../../../src/runtime/errors.ts';
import { tinyDataset } from '../../train/tiny_training.ts';
import { tinyTrial, useRunsFolder } from './tiny_trial.ts';

// New memory is not poisoned here: that would double the dispatches of two dozen trainings, and the tests of what they are made of do it.
let gpu: Gpu;
const runs = useRunsFolder();
let trial: Awaited<ReturnType<typeof tinyTrial>>;
beforeAll(async () => {
  gpu = await openDevice({ seed: 42 });
  trial = await tinyTrial(gpu, runs.path);
  await trial.baseline();
});
afterAll(() => gpu.close());

const named = (name: string): Improvement => IMPROVEMENTS.find((one) => one.name === name)!;

describe('IMPROVEMENTS', () => {
  it('have names of their own, fit for the command line and for files', () => {
    const names = IMPROVEMENTS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
  });

  it.each(IMPROVEMENTS.map(({ name }) => name))(
    '%s gives a whole evaluation of the test images, other than the baseline’s',
    async (name) => {
      const { targets, probabilities } = (await trial.baseline()).evaluation;
      trial.context.asked.length = 0;
      const { evaluations, section = [] } = await named(name).run(trial);
      const expected = named(name).trainings?.(trial.recipe) ?? [];
      const asked = trial.context.asked.filter((key) => key !== plannedKey(trial.recipe, HELD_OUT, false));
      expect(new Set(asked)).toEqual(
        new Set(expected.map(({ recipe, variant }) => plannedKey(withNames(recipe), variant, false))),
      );
      expect(evaluations).toHaveLength(1);
      const [evaluation] = evaluations;
      if (name === 'rejection') {
        expect(evaluation.targets.length).toBeLessThanOrEqual(targets.length);
        expect(section).toHaveLength(1);
      } else {
        expect(evaluation.targets).toEqual(targets);
        expect(evaluation.probabilities).not.toEqual(probabilities);
      }
      const classes = 4;
      expect(evaluation.probabilities.length).toBe(classes * evaluation.targets.length);
      for (let first = 0; first < evaluation.probabilities.length; first += classes) {
        const row = evaluation.probabilities.subarray(first, first + classes);
        expect(row.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 4);
      }
    },
  );

  it('are chosen by name, in their own order', () => {
    expect(chooseImprovements(['mixup', 'se']).map(({ name }) => name)).toEqual(['se', 'mixup']);
    expect(chooseImprovements(null)).toBe(IMPROVEMENTS);
    expect(() => chooseImprovements(['se', 'magic'])).toThrow(UserError);
    expect(() => chooseImprovements(['se', 'magic'])).toThrow(
      "There is no improvement 'magic'; the improvements are: targeted-augmentation",
    );
  });
});

describe('what improvements choose', () => {
  it('comes from images that no training sees, and that are not the test images', async () => {
    const { data, validation, positions, context } = trial;
    expect(data.train.count + validation.count).toBe(context.data.train.count);
    // Of 15, 10, 7 and 5 a fifth each.
    expect(data.counts).toEqual([12, 8, 6, 4]);
    expect(validation.count).toBe(7);
    expect(new Set(positions).size).toBe(30);
    expect(positions.every((position) => context.data.tail.indices.includes(position))).toBe(true);

    // With other test images the same is trained and chosen.
    const other = await tinyTrial(gpu, runs.path, {
      dataset: { ...tinyDataset(60), test: tinyDataset(20).train },
    });
    for (const name of ['class-thresholds', 'two-stage', 'confused-pairs']) {
      expect((await named(name).run(other)).note, name).toBe((await named(name).run(trial)).note);
    }
    expect((await other.baseline()).history).toEqual((await trial.baseline()).history);
  });

  it('is made for each seed of the run', async () => {
    const two = await tinyTrial(gpu, runs.path, { seeds: 2 });
    for (const name of ['hard-examples', 'class-thresholds', 'contrastive']) {
      const { evaluations } = await named(name).run(two);
      expect(evaluations).toHaveLength(2);
      expect(evaluations[0].probabilities).not.toEqual(evaluations[1].probabilities);
      // The first seed is the one of a run with one.
      expect(evaluations[0].probabilities).toEqual((await named(name).run(trial)).evaluations[0].probabilities);
    }
  });

  it('is the loss of each training image after half of the epochs, rounded down', async () => {
    const half = await trial.firstHalf();
    const losses = await trial.trainingLosses(half);
    expect(losses.length).toBe(30);
    const probabilities = await trial.probabilities(half, trial.data.train);
    const label = trial.data.train.labels[7];
    expect(losses[7]).toBeCloseTo(-Math.log(probabilities[4 * 7 + label]), 6);
    expect(half.history).toHaveLength(1);
    const three = { ...trial.recipe, epochs: 3 };
    expect([firstHalfOf(three).epochs, secondHalfOf(three).epochs]).toEqual([1, 2]);
    expect(firstHalfOf({ ...three, epochs: 1 }).epochs).toBe(1);
  });
});
