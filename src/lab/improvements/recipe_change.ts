import type { Recipe } from '../training/recipe.ts';
import { evaluationsOf } from './bench.ts';
import { HELD_OUT } from './halves.ts';
import type { Improvement, ImprovementGroup } from './improvement.ts';

/** A change that the recipe itself can say. */
export function recipeChange(
  about: Pick<Improvement, 'name' | 'title' | 'description'> & { group: ImprovementGroup; note?: string },
  change: (recipe: Recipe) => Partial<Recipe>,
): Improvement {
  const { note, ...rest } = about;
  return {
    ...rest,
    trainings: (baseline) => [{ recipe: { ...baseline, ...change(baseline) }, variant: HELD_OUT }],
    async run(bench) {
      const trained = await bench.train({ ...bench.recipe, ...change(bench.recipe) });
      return { evaluations: evaluationsOf(trained), note };
    },
  };
}
