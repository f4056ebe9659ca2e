import { Option } from 'commander';
import { RECIPE_FIELDS, type RecipeField } from '../../train/recipe_fields.ts';
import { DATA_FIELDS } from '../run/data_fields.ts';
import { FINE_TUNING_FIELDS } from '../run/fine_tuning_fields.ts';
import { fieldOption } from './field_option.ts';
import {
  ADAPTER_HELP,
  DATA_DIR_HELP,
  dataOption,
  imageMemoryOption,
  normalisationOptions,
  rungOption,
} from './option_values.ts';

/** What decides a training: the recipe's fields, the images, and the version of the kernels. */
export function trainingOptions(): Option[] {
  return [
    ...recipeOptions(),
    dataOption('cifar10; mnist where that cannot be had'),
    ...Object.values(DATA_FIELDS).map((field) => fieldOption(field)),
    rungOption('as measured on the adapter'),
  ];
}

/** What a training goes on from, in place of first weights that are drawn. */
export function fineTuningOptions(): Option[] {
  const { freeze, headLr } = FINE_TUNING_FIELDS;
  return [
    new Option('--weights <file>', 'go on from these weights: safetensors, .pth, .pt or .th, or a checkpoint of a run'),
    fieldOption(freeze),
    fieldOption(headLr),
    ...normalisationOptions("as the file records, else the data set's"),
  ];
}

/** Where a training's data are, and what it runs on. */
export function placeOptions(): Option[] {
  return [
    new Option('--data-dir <folder>', DATA_DIR_HELP),
    new Option('--adapter <text>', ADAPTER_HELP),
    imageMemoryOption(),
  ];
}

/** The options of a recipe's fields, each followed by those that say something more of it. */
function recipeOptions(): Option[] {
  const fields = Object.entries<RecipeField>(RECIPE_FIELDS).filter(([, { flags }]) => flags !== undefined);
  const details = (of: string) =>
    fields.filter(([, { needs, schema }]) => needs?.field === of && schema.safeParse(undefined).success);
  const isDetail = new Set(fields.flatMap(([name]) => details(name).map(([detail]) => detail)));
  return fields
    .filter(([name]) => !isDetail.has(name))
    .flatMap(([name, field]) => [field, ...details(name).map(([, detail]) => detail)])
    .map((field) => fieldOption(field));
}
