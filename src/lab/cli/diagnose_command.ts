import { type Command, Option } from 'commander';
import type { DiagnoseOptions } from '../commands/diagnose.ts';
import { DATA_FIELDS } from '../run/data_fields.ts';
import { fieldOption } from './field_option.ts';
import { untilInterrupted } from './interruption.ts';
import { ADAPTER_HELP, DATA_DIR_HELP, dataOption, imageMemoryOption, rungOption, whole } from './option_values.ts';
import { recipeOptions } from './recipe_options.ts';

/** `wgrad diagnose`. finish: told the exit code of `run`. */
export function addDiagnoseCommand(
  program: Command,
  run: (options: DiagnoseOptions) => Promise<number>,
  finish: (exitCode: number) => void,
): void {
  const command = program
    .command('diagnose')
    .description('trains some steps and says what goes wrong, the first cause first, with evidence and a remedy');
  const options = [
    new Option('--steps <n>', 'most training steps').argParser(whole(1)).default(200),
    new Option('--overfit-batch', 'train on one batch alone, and say whether the network learns it by heart'),
    ...recipeOptions(),
    dataOption('cifar10; mnist where that cannot be had'),
    ...Object.values(DATA_FIELDS).map((field) => fieldOption(field)),
    rungOption('as measured on the adapter'),
  ];
  for (const option of options) command.addOption(option);
  command
    .option('--data-dir <folder>', DATA_DIR_HELP)
    .option('--adapter <text>', ADAPTER_HELP)
    .addOption(imageMemoryOption())
    .option('--json', 'print one JSON object')
    .action(async (given) => finish(await untilInterrupted((signal) => run({ ...given, signal }), 'Stopping')));
}
