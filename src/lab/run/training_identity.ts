import { createHash } from 'node:crypto';
import type { TrainingData } from '../../data/training_data.ts';
import { type Recipe, recipeName, recordedRecipe } from '../../train/recipe.ts';
import type { Continuation } from './continuation.ts';
import type { FineTuning } from './fine_tuning_fields.ts';

/** What a training goes on from, where it does not begin with the recipe's first weights. */
export interface TrainingStart {
  fineTuning?: FineTuning;
  continued?: Continuation;
}

/** What a training is known by: all that decides it as one text, and a short name. */
export function identify(
  recipe: Recipe,
  variant: string | undefined,
  data: Pick<TrainingData, 'identity'>,
  start?: TrainingStart,
): { identity: string; key: string } {
  const identity = JSON.stringify({ recipe: recordedRecipe.parse(recipe), variant, data: data.identity, start });
  const hash = createHash('sha256').update(identity).digest('hex').slice(0, 8);
  return { identity, key: `${recipeName(recipe, variant)}-${hash}` };
}
