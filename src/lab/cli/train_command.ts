import { type Command, Option } from 'commander';
import type { TrainOptions } from '../commands/train.ts';
import { SAVING, untilInterrupted } from './interruption.ts';
import { logOption, stopAfterOption } from './option_values.ts';
import { fineTuningOptions, placeOptions, trainingOptions } from './training_options.ts';

/** `wgrad train`. finish: told the exit code of `run`. */
export function addTrainCommand(
  program: Command,
  run: (options: TrainOptions) => Promise<number>,
  finish: (exitCode: number) => void,
): void {
  const train = program
    .command('train')
    .description('trains one network, tests it, and writes results, weights and figures into a folder of their own');
  const length = 'epochs';
  const out = new Option('--out <folder>', "where the training's folder is made").default('runs');
  const settings = [...trainingOptions(), ...fineTuningOptions()];
  const names = settings.map((option) => option.attributeName());
  for (const option of [...settings, out]) train.addOption(option);
  for (const option of placeOptions()) train.addOption(option);
  train
    .addOption(
      new Option(
        '--into <folder>',
        "the training's folder itself: begun there, gone on with there, or done there",
      ).conflicts('resume'),
    )
    .addOption(
      new Option('--resume <folder>', 'go on with a training that was stopped, as it was begun').conflicts([
        ...names,
        out.attributeName(),
      ]),
    )
    .addOption(
      new Option(
        '--continue <folder>',
        'go on with a finished training, to --epochs in all, in another folder; all else is as it was',
      ).conflicts(['resume', ...names.filter((name) => name !== length)]),
    )
    .option('--diagnose', 'watch the training and say what goes wrong, see wgrad diagnose')
    .addOption(
      new Option(
        '--detect-anomaly',
        'look at every output and gradient, and name the first with NaN or infinity; several times slower',
      ).conflicts('diagnose'),
    )
    .option('--profile', 'time every kernel: a table at the end, profile.json and trace.json in the folder')
    .addOption(stopAfterOption())
    .addOption(logOption('the training'))
    .option('--json', 'print one JSON object at the end and nothing else')
    .action(async (options) =>
      finish(await untilInterrupted((signal) => run({ ...options, signal }), SAVING, options.stopAfter)),
    );
}
