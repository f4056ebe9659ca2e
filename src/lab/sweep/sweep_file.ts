import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';
import { UserError } from '../../runtime/errors.ts';
import { completeRecipe, type Recipe, recipeName } from '../../train/recipe.ts';
import { RECIPE_FIELD_NAMES, RECIPE_FIELDS, type RecipeFieldName } from '../../train/recipe_fields.ts';
import { amountSchema, readingSchema } from '../run/data_fields.ts';
import { NAME } from '../run/own_parts.ts';

const fields = z.partialRecord(z.enum(RECIPE_FIELD_NAMES as [RecipeFieldName, ...RecipeFieldName[]]), z.unknown());

const variantName = z.string().regex(NAME, { error: "a variant is named by small letters, digits and '-'" });

/** A study: trainings that share nothing, one for each variant, each combination of the values in the grid and each seed. */
export const sweepSchema = z.strictObject({
  /** A data set's name, or where images of one's own are. */
  data: z.string().optional(),
  ...readingSchema.shape,
  ...amountSchema.shape,
  /** Fields of the recipe that all trainings have in common. */
  base: fields.default({}),
  /** Recipes by names, each with what it has in the place of the base's fields; none: the base alone. */
  variants: z.record(variantName, fields).default({}),
  /** Fields of the recipe with the values that each is to have. */
  grid: z
    .partialRecord(z.enum(RECIPE_FIELD_NAMES as [RecipeFieldName, ...RecipeFieldName[]]), z.array(z.unknown()).min(1))
    .default({}),
  seeds: z.array(z.number().int().min(0)).min(1).default([42]),
});

/** A study; see `sweepSchema`. */
export type Sweep = z.infer<typeof sweepSchema>;

/** One of a study's trainings. */
export interface SweepTraining {
  /** Of its folder: its number, its variant's or recipe's name and its seed. */
  name: string;
  /** The name of its variant, where the study has variants. */
  variant?: string;
  /** What the study says of its recipe. */
  given: Partial<Recipe>;
  recipe: Recipe;
}

/** Reads a study from a file of JSON or YAML. @throws UserError, one sentence, where it cannot be read or says what is none. */
export async function readSweep(path: string): Promise<Sweep> {
  const text = await readFile(path, 'utf8').catch((cause) => {
    throw new UserError(`The sweep ${path} cannot be read: ${cause.message}.`, { cause });
  });
  let content: unknown;
  try {
    // Without warnings on the error output: what is doubtful fails below.
    content = parse(text, { logLevel: 'error' });
  } catch (cause) {
    const [first] = (cause as Error).message.split('\n');
    throw new UserError(`The sweep ${path} is no YAML or JSON: ${first.replace(/:$/, '')}.`, { cause });
  }
  const parsed = sweepSchema.safeParse(content);
  if (parsed.success) return parsed.data;
  const [{ path: place, message }] = parsed.error.issues;
  throw new UserError(`The sweep ${path} cannot be used: ${place.length > 0 ? `${place.join('.')}: ` : ''}${message}.`);
}

/** Trainings of a study at most: each has a folder in one folder. */
const MOST_TRAININGS = 100_000;

/**
 * The trainings of a study, in a fixed order: the variant varies slowest, then the first field of the grid, the seeds fastest.
 * @throws UserError where one of them cannot be, before any is made.
 */
export function sweepTrainings({ base, variants, grid, seeds }: Sweep): SweepTraining[] {
  const named: [string | undefined, Record<string, unknown>][] = Object.entries(variants);
  if (named.length === 0) named.push([undefined, {}]);
  const each = named.length * seeds.length;
  const count = Object.values(grid).reduce((product, values) => product * values.length, each);
  if (count > MOST_TRAININGS) {
    throw new UserError(
      `The sweep comes to ${count} trainings, more than ${MOST_TRAININGS}; part it into several files.`,
    );
  }
  let combinations: Record<string, unknown>[] = [{}];
  for (const [field, values] of Object.entries(grid)) {
    combinations = combinations.flatMap((given) => values.map((value) => ({ ...given, [field]: value })));
  }
  const all = named.flatMap(([variant, own]) =>
    combinations.flatMap((given) => seeds.map((seed) => ({ variant, given: { ...base, ...own, ...given, seed } }))),
  );
  const digits = String(all.length).length;
  return all.map(({ variant, given }, i) => {
    const recipe = checked(given);
    const name = `${String(i + 1).padStart(digits, '0')}-${variant ?? recipeName(recipe)}-seed-${recipe.seed}`;
    return { name, ...(variant !== undefined && { variant }), given: given as Partial<Recipe>, recipe };
  });
}

function checked(given: Record<string, unknown>): Recipe {
  for (const [name, value] of Object.entries(given)) {
    const { schema, range } = RECIPE_FIELDS[name as RecipeFieldName];
    if (!schema.safeParse(value).success)
      throw new UserError(
        `In the sweep ${name} must be ${range}, not ${typeof value === 'number' ? value : JSON.stringify(value)}.`,
      );
  }
  return completeRecipe(given as Partial<Recipe>);
}

/** A part of a study or a run: which of how many, from 1. */
export interface Shard {
  index: number;
  of: number;
}

/** What of a list is a shard's: every n-th, so that shards are alike in length. */
export function shardOf<T>(all: readonly T[], { index, of }: Shard): T[] {
  return all.filter((_, i) => i % of === index - 1);
}
