import { join } from 'node:path';
import type { Recipe } from '../../train/recipe.ts';
import { RECIPE_FIELDS, type RecipeField } from '../../train/recipe_fields.ts';
import { amountOf, readingOf } from '../run/data_fields.ts';
import type { Sweep } from '../sweep/sweep_file.ts';

/** Share of the training images that is held out to choose by where nothing else is said. */
export const VALIDATION = 0.1;

/** The options of `wgrad train` that say this much of a recipe, in the order of its fields. */
export function recipeFlags(given: Partial<Recipe>): string {
  return Object.entries<RecipeField>(RECIPE_FIELDS)
    .flatMap(([name, { flags }]) => {
      const value = given[name as keyof Recipe];
      const option = flags?.split(' ')[0];
      if (option === undefined || value === undefined || value === null) return [];
      return value === true ? [option] : [`${option} ${value}`];
    })
    .join(' ');
}

/** How to train a recipe on all training images, and to predict with it. */
export function nextCommands(study: Sweep, name: string): string[] {
  const given = { ...study.base, ...study.variants[name] } as Partial<Recipe>;
  const recipe = { ...given, validation: 0 as Recipe['validation'], seed: study.seeds[0] };
  // What it chooses τ by.
  if (recipe.secondStage === 'tau-norm') recipe.validation = VALIDATION;
  const into = join('runs', name);
  const reading = Object.entries({ ...readingOf(study), ...amountOf(study) })
    .filter(([, value]) => value !== undefined)
    .map(([option, value]) => {
      const flag = `--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
      return option === 'mirror' ? '--no-mirror' : value === true ? flag : `${flag} ${value}`;
    });
  const options = [recipeFlags(recipe), ...reading].filter((part) => part !== '').join(' ');
  return [
    `npx wgrad train --data ${shellWord(study.data as string)} ${options} --into ${into}`,
    `npx wgrad predict --weights ${join(into, 'weights.safetensors')} FOLDER_OF_IMAGES`,
  ];
}

/** A word of a command as a shell takes it. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
