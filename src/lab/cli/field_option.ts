import { InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import type { RecipeField } from '../../train/recipe_fields.ts';

/** A field's value from the text of its option. Throws InvalidArgumentError, which says its range. */
function parsed({ schema, range }: RecipeField, text: string): unknown {
  const parts = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  for (const value of [parts.length === 1 ? parts[0] : parts, parts, text]) {
    const result = schema.safeParse(value);
    if (result.success && result.data !== undefined && result.data !== null) return value;
  }
  throw new InvalidArgumentError(`It must be ${range}.`);
}

/** The values of a field that is one of some names; undefined of any other. */
function namesOf({ schema }: RecipeField): readonly string[] | undefined {
  const whole = schema instanceof z.ZodOptional ? schema.unwrap() : schema;
  return whole instanceof z.ZodEnum ? (whole.options as string[]) : undefined;
}

/**
 * The option of a field. Its value is undefined where it is not given: what stands then is for whoever puts the fields together.
 * usually: the default in words, where it is not the field's own; '' where commander is to say it.
 */
export function fieldOption(field: RecipeField, usually?: string): Option {
  const { flags = '', help, usual } = field;
  const words = usually ?? field.usually ?? `${usual?.({}) ?? ''}`;
  const option = new Option(flags, words === '' ? help : `${help} (default: ${words})`);
  const names = namesOf(field);
  if (option.variadic) {
    return option.argParser((text, before: string[] | undefined) => [...(before ?? []), ...text.split(',')]);
  }
  if (names) return option.choices(names);
  return flags.includes('<') ? option.argParser((text) => parsed(field, text)) : option;
}
