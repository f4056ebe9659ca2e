import { type Command, Option } from 'commander';
import type { runMerge } from '../commands/merge.ts';
import type { runSweep } from '../commands/sweep.ts';
import { SAVING, untilInterrupted } from './interruption.ts';
import {
  ADAPTER_HELP,
  DATA_DIR_HELP,
  imageMemoryOption,
  jobsOption,
  rungOption,
  shardOption,
  stopAfterOption,
} from './option_values.ts';

/** `wgrad sweep`. finish: told the exit code of `run`. */
export function addSweepCommand(program: Command, run: typeof runSweep, finish: (exitCode: number) => void): void {
  program
    .command('sweep')
    .argument('<file>', 'a study as JSON or YAML: a grid of recipes, and seeds; see docs/sweeps.md')
    .description('makes the trainings of a study that are not done yet, each in a folder of its own')
    .option('--into <folder>', "the study's folder (default: runs/NAME of the file)")
    .addOption(shardOption('trainings'))
    .option('--count', 'print how many trainings there are')
    .option('--status', 'print which trainings are done, run, failed or are to do, and the time left')
    .option('--json', 'print that as one JSON object')
    .option('--data-dir <folder>', DATA_DIR_HELP)
    .option('--adapter <text>', ADAPTER_HELP)
    .addOption(imageMemoryOption())
    .addOption(rungOption('as measured on the adapter'))
    .addOption(jobsOption('trainings'))
    .addOption(stopAfterOption())
    .action(async (file: string, options) =>
      finish(
        await untilInterrupted(
          (signal) => run(file, { ...options, args: program.args, signal }),
          SAVING,
          options.stopAfter,
        ),
      ),
    );
}

/** `wgrad merge`. finish: told the exit code of `run`. */
export function addMergeCommand(program: Command, run: typeof runMerge, finish: (exitCode: number) => void): void {
  program
    .command('merge')
    .argument('<folders...>', 'of the shards of a sweep, or of a run of the lab')
    .description('puts shards together: what one run would have left, but for timings')
    .addOption(new Option('--into <folder>', 'folder for the whole').makeOptionMandatory())
    .option('--partial', 'take a sweep of which trainings are missing')
    .option('--data-dir <folder>', DATA_DIR_HELP)
    .option('--adapter <text>', ADAPTER_HELP)
    .addOption(imageMemoryOption())
    .action(async (folders: string[], options) =>
      finish(await untilInterrupted((signal) => run(folders, { ...options, signal }), SAVING)),
    );
}
