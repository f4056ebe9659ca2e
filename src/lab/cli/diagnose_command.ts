import { type Command, Option } from 'commander';
import type { DiagnoseOptions } from '../commands/diagnose.ts';
import { untilInterrupted } from './interruption.ts';
import { whole } from './option_values.ts';
import { placeOptions, trainingOptions } from './training_options.ts';

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
    ...trainingOptions(),
    ...placeOptions(),
  ];
  for (const option of options) command.addOption(option);
  command
    .option('--json', 'print one JSON object')
    .action(async (given) => finish(await untilInterrupted((signal) => run({ ...given, signal }), 'Stopping')));
}
