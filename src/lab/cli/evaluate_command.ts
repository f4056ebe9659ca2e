import { type Command, Option } from 'commander';
import { DATASET_NAMES } from '../../data/image_dataset.ts';
import { MODEL_NAMES } from '../../nn/models/index.ts';
import { RECIPE_FIELDS } from '../../train/recipe_fields.ts';
import type { EvaluateOptions } from '../commands/evaluate.ts';
import { fieldOption } from './field_option.ts';
import { untilInterrupted } from './interruption.ts';
import { ADAPTER_HELP, DATA_DIR_HELP, imageMemoryOption, numbers, rungOption, whole } from './option_values.ts';

/** `wgrad evaluate`. finish: told the exit code of `run`. */
export function addEvaluateCommand(
  program: Command,
  run: (options: EvaluateOptions) => Promise<number>,
  finish: (exitCode: number) => void,
): void {
  program
    .command('evaluate')
    .description('tests a network with weights from a file on the test images of a data set')
    .addOption(
      new Option('--model <name>', 'network that the weights are of (default: as the file records)').choices(
        MODEL_NAMES,
      ),
    )
    .requiredOption('--weights <file>', 'safetensors, .pth, .pt or .th, or a checkpoint of a run')
    .addOption(
      new Option('--data <name>', 'data set (default: as the file records, else cifar10)').choices(DATASET_NAMES),
    )
    .option('--data-dir <folder>', DATA_DIR_HELP)
    .option(
      '--mean <numbers>',
      "of each channel, to normalise by: 0.485,0.456,0.406 (default: as the file records, else the data set's)",
      numbers('from 0 to 1', (value) => value >= 0 && value <= 1),
    )
    .option(
      '--std <numbers>',
      "of each channel, to normalise by (default: as the file records, else the data set's)",
      numbers('above 0', (value) => value > 0),
    )
    .option('--first <n>', 'only the first n test images (default: all)', whole(1))
    .option('--batch-size <n>', 'images computed at a time', whole(1), 100)
    .addOption(fieldOption(RECIPE_FIELDS.width, 'as the file records, else 1'))
    .option('--adapter <text>', ADAPTER_HELP)
    .addOption(imageMemoryOption())
    .addOption(rungOption('by the kind of adapter'))
    .option('--json', 'print one JSON object')
    .action(async (options) => finish(await untilInterrupted((signal) => run({ ...options, signal }), 'Stopping')));
}
