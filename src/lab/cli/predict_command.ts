import { type Command, Option } from 'commander';
import { RECIPE_FIELDS } from '../../train/recipe_fields.ts';
import type { runPredict } from '../commands/predict.ts';
import { DATA_FIELDS } from '../run/data_fields.ts';
import { fieldOption } from './field_option.ts';
import { untilInterrupted } from './interruption.ts';
import { ADAPTER_HELP, classesOption, modelOption, normalisationOptions, rungOption, whole } from './option_values.ts';

/** `wgrad predict`. finish: told the exit code of `run`. */
export function addPredictCommand(program: Command, run: typeof runPredict, finish: (exitCode: number) => void): void {
  const recorded = 'as the file records';
  const command = program
    .command('predict')
    .argument('<images...>', 'files, and folders with all images in and below them')
    .description('says what a network sees in images: classes with their probabilities')
    .requiredOption(
      '--weights <file>',
      'weights.safetensors of a training, or any file of weights with the options below',
    )
    .option('--top <n>', 'classes to tell, the most probable first', whole(1), 3)
    .addOption(new Option('--csv', 'print comma-separated values').conflicts('json'))
    .option('--json', 'print one JSON array')
    .option('--grad-cam <folder>', 'write each image under a map of what spoke for its class')
    .addOption(modelOption())
    .addOption(fieldOption(RECIPE_FIELDS.width, `${recorded}, else 1`))
    .addOption(classesOption(recorded))
    .addOption(fieldOption(DATA_FIELDS.imageSize, `${recorded}, else ${DATA_FIELDS.imageSize.usual()}`))
    .addOption(fieldOption(DATA_FIELDS.background, `${recorded}, else ${DATA_FIELDS.background.usual()}`))
    .option('--batch-size <n>', 'images computed at a time', whole(1), 100)
    .option('--adapter <text>', ADAPTER_HELP)
    .addOption(rungOption('by the kind of adapter'));
  for (const option of normalisationOptions(recorded)) command.addOption(option);
  command.action(async (images: string[], options) =>
    finish(await untilInterrupted((signal) => run(images, { ...options, signal }), 'Stopping')),
  );
}
