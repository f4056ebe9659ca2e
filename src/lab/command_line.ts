import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { DeviceError, OutOfMemoryError } from '../kernels/errors.ts';
import { DATASET_NAMES, type DatasetName } from './data/dataset.ts';
import { STREAMS_PER_USE } from './data/random_streams.ts';
import { doctor } from './doctor/doctor.ts';
import { EXPERIMENTS } from './experiments/index.ts';
import { chooseImprovements, IMPROVEMENTS } from './improvements/index.ts';
import { PRESET_NAMES, PRESETS, type PresetName } from './presets.ts';
import { type LabOptions, runLab } from './run_lab.ts';
import { UserError } from './user_error.ts';

/** Exit code for a mistake of the user's. */
const USAGE = 2;
/** Exit code for a failure that is not. */
const FAILURE = 1;
/** Exit code after Ctrl-C. */
export const STOPPED = 130;

/** Options that a run which goes on has settled, as commander names them. */
const SET_BY_THE_RUN =
  'preset data out seed seeds epochs batchSize width imbalance maxPerClass pretrained improvements'.split(' ');

/** Each epoch has its own stream of random numbers, and so many are set aside. */
const MOST_EPOCHS = STREAMS_PER_USE;

/** A billion parameters: beyond, the host has no room for the first weights. */
const MOST_WIDTH = 16;

/** Milliseconds after a signal in which another is the same one: a terminal tells the whole process group, and launchers pass it on. */
const SAME_SIGNAL = 300;

/** A parser for whole numbers from `least` to `most`. */
function whole(least: number, most = Number.POSITIVE_INFINITY) {
  return (text: string): number => {
    const value = Number(text);
    if (!Number.isSafeInteger(value) || value < least || value > most || text.trim() === '') {
      const range = Number.isFinite(most) ? `from ${least} to ${most}` : `of at least ${least}`;
      throw new InvalidArgumentError(`It must be a whole number ${range}.`);
    }
    return value;
  };
}

/** A parser for numbers in a range, of which `fits` says whether they lie in it and `range` what it is. */
function number(range: string, fits: (value: number) => boolean) {
  return (text: string): number => {
    const value = Number(text);
    if (!Number.isFinite(value) || text.trim() === '' || !fits(value)) {
      throw new InvalidArgumentError(`It must be a number ${range}.`);
    }
    return value;
  };
}

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

/** Runs work with a signal that the first Ctrl-C aborts, so that it can be saved; a second one ends the process at once. */
async function untilInterrupted<R>(work: (signal: AbortSignal) => Promise<R>): Promise<R> {
  const controller = new AbortController();
  let stoppedAt = Number.NEGATIVE_INFINITY;
  const stop = () => {
    if (performance.now() - stoppedAt < SAME_SIGNAL) return;
    if (controller.signal.aborted) process.exit(STOPPED);
    stoppedAt = performance.now();
    // A terminal may show half a line of progress, and has added ^C to it.
    const newLine = process.stderr.isTTY ? '\n' : '';
    console.error(`${newLine}Stopping after the step under way and saving; once more to stop at once.`);
    controller.abort();
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  try {
    return await work(controller.signal);
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
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
    const { summary, widths, epochs, batchSize, maxPerClass, imbalance } = PRESETS[name];
    const values = `CustomCNN's width ${widths.customCnn}, ${epochs.ps3} epochs (PS3), batch ${batchSize},`;
    const tail = `largest class ${maxPerClass}, imbalance ${imbalance}`;
    return `  ${[...`${name.padEnd(6)} ${summary}:`.split(/(?<=,) /), values, tail].join('\n         ')}`;
  }).join('\n');
}

function buildProgram(commands: Commands, finish: (exitCode: number) => void): Command {
  const program = new Command('wgrad')
    .description('Trains convolutional networks on imbalanced images, on the GPU, through hand-written WebGPU kernels.')
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'wgrad: ')) });

  program
    .command('lab')
    .argument('[experiments...]', `those to run (default: all), or 'list' to name them with a line each`)
    .description("runs the lab's experiments and writes results and figures into a folder of their own")
    .addOption(
      new Option('--preset <name>', 'how much to run; auto: quick without a GPU, full with one')
        .choices(['auto', ...PRESET_NAMES])
        .default('auto'),
    )
    .addOption(
      new Option('--data <name>', 'data set (default: cifar10; mnist where that cannot be had)').choices(DATASET_NAMES),
    )
    .option('--data-dir <folder>', 'folder to look for the data in first (then WGRAD_DATA, then the cache)')
    .option('--out <folder>', 'where the folder of the run is made', 'runs')
    .addOption(
      new Option('--resume <folder>', 'go on with a run that was stopped, by its own configuration').conflicts(
        SET_BY_THE_RUN,
      ),
    )
    .option('--seed <n>', 'seed of everything random', whole(0), 42)
    .option('--seeds <n>', 'repeat each training with n seeds: means and deviations', whole(1), 1)
    .option('--epochs <n>', 'passes over the training images (default: by preset)', whole(1, MOST_EPOCHS))
    .option('--batch-size <n>', 'images in a training step (default: by preset)', whole(1))
    .option(
      '--width <factor>',
      "channels of the networks, relative to the lab's (default: by preset)",
      number(`above 0, at most ${MOST_WIDTH}`, (width) => width > 0 && width <= MOST_WIDTH),
    )
    .option(
      '--imbalance <ratio>',
      'largest class over smallest (default: by preset)',
      number('of at least 1', (ratio) => ratio >= 1),
    )
    .option('--max-per-class <n>', 'training images of the largest class (default: by preset)', whole(1))
    .option('--pretrained <file>', 'weights of a ResNet-18 to transfer from, as torchvision names them')
    .option(
      '--improvements <names>',
      'those that ps7 is to measure, with commas between (default: all)',
      improvementNames,
    )
    .option(
      '--adapter <text>',
      "hardware, software, or a part of an adapter's name (default: hardware if there is any)",
    )
    .option('--profile', 'time every kernel: a table at the end, profile.json and trace.json in the folder')
    .addHelpText('after', `\nPresets:\n${presetLines()}`)
    .action(async (experiments: string[], options) => {
      if (experiments.includes('list')) {
        listExperiments(experiments);
        return;
      }
      finish(
        await untilInterrupted((signal) =>
          commands.runLab({
            ...options,
            experiments,
            preset: options.preset as PresetName | 'auto',
            data: options.data as DatasetName | undefined,
            signal,
          }),
        ),
      );
    });

  program
    .command('doctor')
    .description('says what the machine offers, what is missing and what to do about it')
    .option('--json', 'print one JSON object')
    .option('--data-dir <folder>', 'folder to look for data in first')
    .option('--out <folder>', 'where runs are to be written', 'runs')
    .action(async (options) => finish(await commands.doctor(options)));

  return program;
}

/** What the commands do; tests give their own. */
export interface Commands {
  runLab: (options: LabOptions) => Promise<number>;
  doctor: typeof doctor;
}

/** Runs the command line. Returns the exit code: 2 for a mistake of the user's, 1 for a failure, 130 for a stop. */
export async function main(args: readonly string[], commands: Commands = { runLab, doctor }): Promise<number> {
  let exitCode = 0;
  const program = buildProgram(commands, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    // commander has printed its message already.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE;
    if (error instanceof UserError) {
      console.error(`wgrad: ${error.message}`);
      return USAGE;
    }
    if (error instanceof DeviceError || error instanceof OutOfMemoryError) {
      console.error(`wgrad: ${error.message}`);
      return FAILURE;
    }
    throw error;
  }
  return exitCode;
}
