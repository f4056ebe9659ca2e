import type { Recipe } from '../../train/recipe.ts';
import { HELD_OUT } from './halves.ts';
import type { Improvement, ImprovementGroup } from './improvement.ts';
import { evaluationsOf } from './improvement_trial.ts';

/** A change that the recipe itself can say. */
export function improvementByRecipe(
  about: Pick<Improvement, 'name' | 'title' | 'description'> & { group: ImprovementGroup; note?: string },
  change: (recipe: Recipe) => Partial<Recipe>,
): Improvement {
  const { note, ...rest } = about;
  return {
    ...rest,
    trainings: (baseline) => [{ recipe: { ...baseline, ...change(baseline) }, variant: HELD_OUT }],
    async run(trial) {
      const trained = await trial.train({ ...trial.recipe, ...change(trial.recipe) });
      return { evaluations: evaluationsOf(trained), note };
    },
  };
}
