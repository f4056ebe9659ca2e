import { type Command, InvalidArgumentError, Option } from 'commander';
import { RECIPE_FIELDS } from '../../train/recipe_fields.ts';
import type { runCompare } from '../commands/compare.ts';
import { BY_HELP, checkScore } from '../compare/comparison.ts';
import { checkRemedies, DEFAULT_REMEDIES, REMEDIES } from '../compare/remedies.ts';
import { DATA_FIELDS } from '../run/data_fields.ts';
import { fieldOption } from './field_option.ts';
import { SAVING, untilInterrupted } from './interruption.ts';
import { dataOption, duration, jobsOption, rungOption, shardOption, stopAfterOption, whole } from './option_values.ts';
import { placeOptions } from './training_options.ts';

/** What `check` throws, as commander's. */
function checked<T>(value: T, check: (value: T) => void): T {
  try {
    check(value);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
  return value;
}

/** `wgrad compare`. finish: told the exit code of `run`. */
export function addCompareCommand(program: Command, run: typeof runCompare, finish: (exitCode: number) => void): void {
  const command = program
    .command('compare')
    .description('says which remedies for imbalance help on these images, by how much, and how sure that is')
    .addOption(dataOption('').makeOptionMandatory())
    .addOption(
      new Option('--remedies <names>', `with commas between them (default: ${DEFAULT_REMEDIES.join(',')})`).argParser(
        (text) =>
          checked(
            text.split(',').map((name) => name.trim()),
            checkRemedies,
          ),
      ),
    )
    .option('--seeds <n>', 'trainings of each recipe', whole(1), 3)
    .addOption(fieldOption(RECIPE_FIELDS.seed, 'the first').default(42))
    .addOption(
      new Option(
        '--budget <time>',
        'time of training, such as 2h: remedies that do badly on validation images are given up',
      )
        .argParser(duration)
        .conflicts('shard'),
    )
    .addOption(
      new Option('--by <score>', `the score that decides: ${BY_HELP}`)
        .argParser((by) => checked(by, checkScore))
        .default('balanced-accuracy'),
    )
    .addOption(
      new Option('--network <name>', 'network (default: custom-cnn at width 1/8)').choices(
        RECIPE_FIELDS.model.schema.options,
      ),
    )
    .addOption(fieldOption(RECIPE_FIELDS.width, '1, and 1/8 without --network'))
    .addOption(fieldOption(RECIPE_FIELDS.epochs, '8'))
    .addOption(fieldOption(RECIPE_FIELDS.batchSize, '32'))
    .addOption(fieldOption(RECIPE_FIELDS.validation, 'what own images bring or 0.1'))
    .option('--into <folder>', "the comparison's folder (default: runs/compare-NAME of the data)")
    .addOption(shardOption('trainings'))
    .addOption(jobsOption('trainings'));
  for (const field of Object.values(DATA_FIELDS)) command.addOption(fieldOption(field));
  command.addOption(rungOption('as measured on the adapter'));
  for (const option of placeOptions()) command.addOption(option);
  command
    .addOption(stopAfterOption())
    .addHelpText(
      'after',
      `\nRemedies:\n${Object.entries(REMEDIES)
        .map(([name, { description }]) => `  ${name.padEnd(22)} ${description}`)
        .join('\n')}`,
    )
    .action(async ({ stopAfter, ...options }) =>
      finish(await untilInterrupted((signal) => run({ ...options, signal }), SAVING, stopAfter)),
    );
}
