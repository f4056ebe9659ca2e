import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { configure } from '../../../src/lab/run/configuration.ts';
import { baseRecipe } from '../../../src/lab/run/lab_recipes.ts';
import { plannedKey, TrainingPlan } from '../../../src/lab/run/training_plan.ts';
import type { Recipe } from '../../../src/train/recipe.ts';

const recipe = { ...baseRecipe(configure('quick', { data: 'cifar10', seed: 42 }), 'ps3'), epochs: 10 };

describe('TrainingPlan', () => {
  it('counts equal trainings once and says where each stands', () => {
    const plan = new TrainingPlan([
      { key: 'a', recipe },
      { key: 'b', recipe },
      { key: 'a', recipe },
    ]);
    expect(plan.place('a')).toBe('1/2 ');
    plan.finish('a', 60);
    expect(plan.place('b')).toBe('2/2 ');
    expect(plan.place('a')).toBe('');
    expect(plan.place('unplanned')).toBe('');
    expect(new TrainingPlan([{ key: 'a', recipe }]).place('a')).toBe('');
  });

  it('estimates the time left from what is done, by epochs of the same network, and from the training under way', () => {
    const plan = new TrainingPlan([
      { key: 'a', recipe },
      { key: 'b', recipe: { ...recipe, epochs: 20 } },
      { key: 'c', recipe: { ...recipe, epochs: 30 } },
    ]);
    // 600 s for 10 epochs, of which 300 s are left; then 50 epochs.
    expect(plan.left('a', { whole: 600, left: 300 })).toEqual(['lab 55 min left']);
    plan.finish('a', 600);
    // 1200 s for these 20 epochs; then 30 epochs at 60 s each.
    expect(plan.left('b', { whole: 1200, left: 900 })).toEqual(['lab 45 min left']);
    plan.finish('b', 1200);
    expect(plan.left('c', { whole: 600, left: 300 })).toEqual([]);
  });

  it('reckons with what another network costs until one like it was measured', () => {
    const other = { ...recipe, width: 2 * recipe.width };
    const plan = new TrainingPlan([
      { key: 'a', recipe },
      { key: 'b', recipe: other },
      { key: 'c', recipe: other },
    ]);
    expect(plan.left('a', { whole: 600, left: 300 })).toEqual(['lab 25 min left']);
    plan.finish('a', 600);
    expect(plan.left('b', { whole: 2400, left: 1200 })).toEqual(['lab 1.0 h left']);
  });

  it('says nothing where nothing was planned or done', () => {
    expect(new TrainingPlan([]).left('a', { whole: 2, left: 1 })).toEqual([]);
    const plan = new TrainingPlan(['a', 'b'].map((key) => ({ key, recipe })));
    expect(plan.left('a', undefined)).toEqual([]);
  });
});

describe('the time left of a quick run', () => {
  // A run on two cores without a GPU, see test/fixtures/lab/make_quick_timings.mjs.
  const file = new URL('../../fixtures/lab/quick_timings.json', import.meta.url);
  const recorded: { recipe: Recipe; variant: string | null; ownData: boolean; seconds: number }[] = JSON.parse(
    readFileSync(file, 'utf8'),
  ).trainings;
  const keys = recorded.map(({ recipe, variant, ownData }) => plannedKey(recipe, variant ?? undefined, ownData));
  const secondsIn = (phrase: string) => {
    const [, value, unit] = /^lab ([\d.]+) (s|min|h) left$/.exec(phrase) ?? [];
    return Number(value) * { s: 1, min: 60, h: 3600 }[unit as 's' | 'min' | 'h'];
  };

  it('is within a factor of two from a tenth of the run on, and of three before', () => {
    const plan = new TrainingPlan(recorded.map(({ recipe }, i) => ({ key: keys[i], recipe })));
    const total = recorded.reduce((sum, { seconds }) => sum + seconds, 0);
    let gone = 0;
    let judged = 0;
    for (const [i, { seconds }] of recorded.entries()) {
      for (const fraction of [0.1, 0.5, 0.9]) {
        const left = total - gone - fraction * seconds;
        const [phrase] = plan.left(keys[i], { whole: seconds, left: (1 - fraction) * seconds });
        // The last one's own time left is shown elsewhere; below two minutes the phrase is too coarse.
        if (phrase === undefined || left < 120) continue;
        const factor = gone + fraction * seconds > total / 10 ? 2 : 3;
        expect(secondsIn(phrase) / left, `${i}: ${phrase}, ${left.toFixed(0)} s were left`).toBeGreaterThan(1 / factor);
        expect(secondsIn(phrase) / left, `${i}: ${phrase}, ${left.toFixed(0)} s were left`).toBeLessThan(factor);
        judged++;
      }
      plan.finish(keys[i], seconds);
      gone += seconds;
    }
    expect(judged).toBeGreaterThan(80);
  });
});
