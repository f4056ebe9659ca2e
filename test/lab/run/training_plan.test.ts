import { describe, expect, it } from 'vitest';
import { configure } from '../../../src/lab/run/configuration.ts';
import { baseRecipe } from '../../../src/lab/run/lab_recipes.ts';
import { TrainingPlan } from '../../../src/lab/run/training_plan.ts';

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
    expect(plan.left('a', 0.5, 300)).toEqual(['lab 55 min left']);
    plan.finish('a', 600);
    // 1200 s for these 20 epochs; then 30 epochs at 60 s each.
    expect(plan.left('b', 0.25, 300)).toEqual(['lab 45 min left']);
    plan.finish('b', 1200);
    expect(plan.left('c', 0.5, 300)).toEqual([]);
  });

  it('reckons with what another network costs until one like it was measured', () => {
    const other = { ...recipe, width: 2 * recipe.width };
    const plan = new TrainingPlan([
      { key: 'a', recipe },
      { key: 'b', recipe: other },
      { key: 'c', recipe: other },
    ]);
    expect(plan.left('a', 0.5, 300)).toEqual(['lab 25 min left']);
    plan.finish('a', 600);
    expect(plan.left('b', 0.5, 1200)).toEqual(['lab 1.0 h left']);
  });

  it('says nothing where nothing was planned or done', () => {
    expect(new TrainingPlan([]).left('a', 0.5, 1)).toEqual([]);
    const plan = new TrainingPlan(['a', 'b'].map((key) => ({ key, recipe })));
    expect(plan.left('a', 0, 1)).toEqual([]);
  });
});
