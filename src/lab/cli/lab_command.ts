import { type Command, InvalidArgumentError, Option } from 'commander';
import { UserError } from '../../runtime/errors.ts';
import { RECIPE_FIELDS } from '../../train/recipe_fields.ts';
import type { LabJobsOptions } from '../commands/lab_jobs.ts';
import { EXPERIMENTS } from '../experiments/index.ts';
import { chooseImprovements, IMPROVEMENTS } from '../improvements/index.ts';
import { DATA_FIELDS } from '../run/data_fields.ts';
import { PRESET_NAMES, PRESETS, type PresetName } from '../run/presets.ts';
import { fieldOption } from './field_option.ts';
import { SAVING, untilInterrupted } from './interruption.ts';
import {
  ADAPTER_HELP,
  DATA_DIR_HELP,
  dataOption,
  imageMemoryOption,
  jobsOption,
  logOption,
  readingOptions,
  rungOption,
  shardOption,
  stopAfterOption,
  whole,
} from './option_values.ts';

/** Options that a run which goes on has settled, as commander names them. */
const SET_BY_THE_RUN =
  'preset data mirror imageSize testShare skipDamaged out seed seeds epochs batchSize width imbalance maxPerClass pretrained improvements rung shard'.split(
    ' ',
  );

const BY_PRESET = 'by preset';

/** Names of improvements, with commas between. Throws InvalidArgumentError for one that is none. */
function improvementNames(text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  try {
    chooseImprovements(names);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
  return names;
}

/** Prints the experiments with a line each. Throws UserError where other words stand beside `list`. */
function listExperiments(words: readonly string[]): void {
  if (words.length > 1) throw new UserError("'list' names the experiments and stands alone: npm run lab -- list.");
  for (const { id, title, question } of EXPERIMENTS) console.log(`${id.padEnd(8)} ${title}: ${question}`);
  console.log('\nImprovements that ps7 measures, and --improvements chooses from:');
  for (const { name, group, description } of IMPROVEMENTS) console.log(`${name.padEnd(28)} ${group}: ${description}`);
}

/** What the presets fix, for --help: at most 80 columns. */
function presetLines(): string {
  return PRESET_NAMES.map((name) => {
    const { summary, widths, epochs, batchSize, efficientnet, maxPerClass, imbalance } = PRESETS[name];
    const values = `CustomCNN's width ${widths.customCnn}, ${epochs.ps3} epochs (PS3), batch ${batchSize},`;
    const own = `EfficientNet-B0's width ${widths.efficientnet}, ${efficientnet.epochs} epochs, batch ${efficientnet.batchSize},`;
    const tail = `largest class ${maxPerClass}, imbalance ${imbalance}`;
    return `  ${[...`${name.padEnd(6)} ${summary}:`.split(/(?<=,) /), values, own, tail].join('\n         ')}`;
  }).join('\n');
}

/** `wgrad lab`. finish: told the exit code of `run`. */
export function addLabCommand(
  program: Command,
  run: (options: LabJobsOptions) => Promise<number>,
  finish: (exitCode: number) => void,
): void {
  const lab = program
    .command('lab')
    .argument('[experiments...]', `those to run (default: all), or 'list' to name them with a line each`)
    .description("runs the lab's experiments and writes results and figures into a folder of their own")
    .addOption(
      new Option('--preset <name>', 'how much to run; auto: quick without a GPU, full with one')
        .choices(['auto', ...PRESET_NAMES])
        .default('auto'),
    )
    .addOption(dataOption('cifar10; mnist where that cannot be had'))
    .option('--data-dir <folder>', DATA_DIR_HELP)
    .option('--out <folder>', 'where the folder of the run is made', 'runs')
    .addOption(
      new Option('--resume <folder>', 'go on with a run that was stopped, by its own configuration').conflicts(
        SET_BY_THE_RUN,
      ),
    )
    .addOption(
      new Option(
        '--into <folder>',
        "the run's folder itself: begun there, gone on with there, or done there",
      ).conflicts('resume'),
    )
    .addOption(fieldOption(RECIPE_FIELDS.seed, '').default(42))
    .option('--seeds <n>', 'repeat each training with n seeds: means and deviations', whole(1), 1)
    .addOption(fieldOption(RECIPE_FIELDS.epochs, BY_PRESET))
    .addOption(fieldOption(RECIPE_FIELDS.batchSize, BY_PRESET))
    .addOption(fieldOption(RECIPE_FIELDS.width, BY_PRESET))
    .addOption(fieldOption(DATA_FIELDS.imbalance, `${BY_PRESET}; images of your own as they are`))
    .addOption(fieldOption(DATA_FIELDS.maxPerClass, BY_PRESET))
    .option('--pretrained <file>', 'weights of a ResNet-18 to transfer from, as torchvision names them')
    .option(
      '--improvements <names>',
      'those that ps7 is to measure, with commas between (default: all)',
      improvementNames,
    )
    .option('--adapter <text>', ADAPTER_HELP)
    .addOption(imageMemoryOption())
    .addOption(rungOption('as measured on the adapter'))
    .addOption(shardOption('experiments'))
    .addOption(jobsOption('parts of the experiments').conflicts(['resume', 'log', 'profile']))
    .addOption(stopAfterOption())
    .addOption(logOption('each training'))
    .option('--profile', 'time every kernel: a table at the end, profile.json and trace.json in the folder')
    .addHelpText('after', `\nPresets:\n${presetLines()}`)
    .action(async (experiments: string[], options) => {
      if (experiments.includes('list')) {
        listExperiments(experiments);
        return;
      }
      const work = (signal: AbortSignal) =>
        run({
          ...options,
          experiments,
          preset: options.preset as PresetName | 'auto',
          args: program.args,
          signal,
        });
      finish(await untilInterrupted(work, SAVING, options.stopAfter));
    });
  for (const option of readingOptions()) lab.addOption(option);
}
