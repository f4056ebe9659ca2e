import type { Option } from 'commander';
import { RECIPE_FIELDS, type RecipeField } from '../../train/recipe_fields.ts';
import { fieldOption } from './field_option.ts';

/** The options of a recipe's fields, each followed by those that say something more of it. */
export function recipeOptions(): Option[] {
  const fields = Object.entries<RecipeField>(RECIPE_FIELDS).filter(([, { flags }]) => flags !== undefined);
  const details = (of: string) =>
    fields.filter(([, { needs, schema }]) => needs?.field === of && schema.safeParse(undefined).success);
  const isDetail = new Set(fields.flatMap(([name]) => details(name).map(([detail]) => detail)));
  return fields
    .filter(([name]) => !isDetail.has(name))
    .flatMap(([name, field]) => [field, ...details(name).map(([, detail]) => detail)])
    .map((field) => fieldOption(field));
}
