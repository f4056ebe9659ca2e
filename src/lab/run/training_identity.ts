import { createHash } from 'node:crypto';
import type { TrainingData } from '../../data/training_data.ts';
import { type Recipe, recipeName, recordedRecipe } from '../../train/recipe.ts';

/** What a training is known by: all that decides it as one text, and a short name. */
export function identify(
  recipe: Recipe,
  variant: string | undefined,
  data: Pick<TrainingData, 'identity'>,
): { identity: string; key: string } {
  const identity = JSON.stringify({ recipe: recordedRecipe.parse(recipe), variant, data: data.identity });
  const hash = createHash('sha256').update(identity).digest('hex').slice(0, 8);
  return { identity, key: `${recipeName(recipe, variant)}-${hash}` };
}
