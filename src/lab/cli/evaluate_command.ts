import type { Command } from 'commander';
import { RECIPE_FIELDS } from '../../train/recipe_fields.ts';
import type { EvaluateOptions } from '../commands/evaluate.ts';
import { DATA_FIELDS } from '../run/data_fields.ts';
import { fieldOption } from './field_option.ts';
import { untilInterrupted } from './interruption.ts';
import {
  ADAPTER_HELP,
  DATA_DIR_HELP,
  dataOption,
  imageMemoryOption,
  modelOption,
  normalisationOptions,
  rungOption,
  whole,
} from './option_values.ts';

/** `wgrad evaluate`. finish: told the exit code of `run`. */
export function addEvaluateCommand(
  program: Command,
  run: (options: EvaluateOptions) => Promise<number>,
  finish: (exitCode: number) => void,
): void {
  const command = program
    .command('evaluate')
    .description('tests a network with weights from a file on the test images of a data set')
    .addOption(modelOption())
    .requiredOption('--weights <file>', 'safetensors, .pth, .pt or .th, or a checkpoint of a run')
    .addOption(dataOption('as the file records, else cifar10'))
    .addOption(fieldOption(DATA_FIELDS.imageSize, 'as the file records'))
    .addOption(fieldOption(DATA_FIELDS.background, `as the file records, else ${DATA_FIELDS.background.usual()}`))
    .addOption(fieldOption(DATA_FIELDS.testShare, 'as the file records'))
    .addOption(fieldOption(DATA_FIELDS.skipDamaged))
    .option('--data-dir <folder>', DATA_DIR_HELP)
    .option('--first <n>', 'only the first n test images (default: all)', whole(1))
    .option('--batch-size <n>', 'images computed at a time', whole(1), 100)
    .addOption(fieldOption(RECIPE_FIELDS.width, 'as the file records, else 1'))
    .option('--adapter <text>', ADAPTER_HELP)
    .addOption(imageMemoryOption())
    .addOption(rungOption('by the kind of adapter'))
    .option('--json', 'print one JSON object')
    .action(async (options) => finish(await untilInterrupted((signal) => run({ ...options, signal }), 'Stopping')));
  for (const option of normalisationOptions("as the file records, else the data set's")) command.addOption(option);
}
