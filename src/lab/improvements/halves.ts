import type { Recipe } from '../../train/recipe.ts';

/** Variant of the trainings that the recipe says all of, but for the images kept back. */
export const HELD_OUT = 'held-out';

/** The baseline's training in half of its epochs, rounded down; in all of them where there is one, which has no halves. */
export function firstHalfOf(baseline: Recipe): Recipe {
  return { ...baseline, epochs: Math.floor(baseline.epochs / 2) || baseline.epochs };
}

/** The training that goes on from the first half. */
export function secondHalfOf(baseline: Recipe): Recipe {
  return { ...baseline, epochs: Math.ceil(baseline.epochs / 2) };
}

/** What an improvement trains that goes on from the first half under a name of its own. */
export function inHalves(baseline: Recipe, variant: string) {
  return [
    { recipe: firstHalfOf(baseline), variant: HELD_OUT },
    { recipe: secondHalfOf(baseline), variant },
  ];
}
