import { type Command, Option } from 'commander';
import type { InspectOptions } from '../commands/inspect.ts';
import { untilInterrupted } from './interruption.ts';
import { whole } from './option_values.ts';
import { placeOptions, trainingOptions } from './training_options.ts';

/** `wgrad inspect`. finish: told the exit code of `run`. */
export function addInspectCommand(
  program: Command,
  run: (options: InspectOptions) => Promise<number>,
  finish: (exitCode: number) => void,
): void {
  const command = program
    .command('inspect')
    .description(
      'records one training step and shows all of it as a page: layers, kernels, gradients, numbers by hand',
    );
  const options = [
    new Option('--step <n>', 'training steps to do before').argParser(whole(0)).default(0),
    new Option('--image <n>', 'which image of the batch to follow, from 0').argParser(whole(0)).default(0),
    new Option('--weights <file>', 'weights to begin from (default: the first ones of the seed)'),
    new Option(
      '--module <file>',
      'network of your own: a file whose default export is a function (gpu, { classes, channels, imageSize }, recipe) => Module',
    ).conflicts(['weights', 'model']),
    new Option('--out <folder>', 'where inspect.html, trace.json and step.json are written').default('inspect'),
    ...trainingOptions(),
    ...placeOptions(),
  ];
  for (const option of options) command.addOption(option);
  command
    .option('--json', 'print the record as JSON and write nothing')
    .action(async (given) => finish(await untilInterrupted((signal) => run({ ...given, signal }), 'Stopping')));
}
