import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { DeviceError, OutOfMemoryError } from '../kernels/errors.ts';
import { DATASET_NAMES, type DatasetName } from './data/dataset.ts';
import { doctor } from './doctor/doctor.ts';
import { PRESET_NAMES, PRESETS, type PresetName } from './presets.ts';
import { runLab } from './run_lab.ts';
import { UserError } from './user_error.ts';

/** Exit code for a mistake of the user's. */
const USAGE = 2;

/** A parser for whole numbers of at least `least`. */
function whole(least: number) {
  return (text: string): number => {
    const value = Number(text);
    if (!Number.isSafeInteger(value) || value < least || text.trim() === '') {
      throw new InvalidArgumentError(`It must be a whole number of at least ${least}.`);
    }
    return value;
  };
}

/** A parser for numbers above or at a limit. */
function number(limit: number, inclusive: boolean) {
  return (text: string): number => {
    const value = Number(text);
    if (!Number.isFinite(value) || text.trim() === '' || (inclusive ? value < limit : value <= limit)) {
      throw new InvalidArgumentError(`It must be a number ${inclusive ? 'of at least' : 'above'} ${limit}.`);
    }
    return value;
  };
}

/** Aborts on the first Ctrl-C, so that work can be saved; a second one ends the process at once. */
function stopOnInterrupt(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => {
      console.error('\nStopping after the step under way; once more to stop at once.');
      process.once(name, () => process.exit(130));
      controller.abort();
    });
  }
  return controller.signal;
}

function presetLines(): string {
  return PRESET_NAMES.map((name) => {
    const { summary, width, epochs, batchSize, maxPerClass, imbalance } = PRESETS[name];
    return `  ${name.padEnd(6)} ${summary}:\n         width ${width}, ${epochs} epochs, batch ${batchSize}, at most ${maxPerClass} images per class, imbalance ${imbalance}`;
  }).join('\n');
}

function buildProgram(finish: (exitCode: number) => void): Command {
  const program = new Command('wgrad')
    .description('Trains convolutional networks on imbalanced images, on the GPU, through hand-written WebGPU kernels.')
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'wgrad: ')) });

  program
    .command('lab')
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
    .option('--resume <folder>', 'go on with a run that was stopped, by its own configuration')
    .option('--seed <n>', 'seed of everything random', whole(0), 42)
    .option('--epochs <n>', 'passes over the training images (default: by preset)', whole(1))
    .option('--batch-size <n>', 'images in a training step (default: by preset)', whole(1))
    .option(
      '--width <factor>',
      "channels of the networks, relative to the lab's (default: by preset)",
      number(0, false),
    )
    .option('--imbalance <ratio>', 'largest class over smallest (default: by preset)', number(1, true))
    .option('--max-per-class <n>', 'training images of the largest class (default: by preset)', whole(1))
    .option(
      '--adapter <text>',
      "hardware, software, or a part of an adapter's name (default: hardware if there is any)",
    )
    .addHelpText('after', `\nPresets:\n${presetLines()}`)
    .action(async (options) => {
      finish(
        await runLab({
          ...options,
          preset: options.preset as PresetName | 'auto',
          data: options.data as DatasetName | undefined,
          signal: stopOnInterrupt(),
        }),
      );
    });

  program
    .command('doctor')
    .description('says what the machine offers, what is missing and what to do about it')
    .option('--json', 'print one JSON object')
    .option('--data-dir <folder>', 'folder to look for data in first')
    .option('--out <folder>', 'where runs are to be written', 'runs')
    .action(async (options) => finish(await doctor(options)));

  return program;
}

/** Runs the command line. Returns the exit code: 2 for a mistake of the user's, 1 for a failure, 130 for a stop. */
export async function main(args: readonly string[]): Promise<number> {
  let exitCode = 0;
  const program = buildProgram((code) => {
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
      return 1;
    }
    throw error;
  }
  return exitCode;
}

process.exitCode = await main(process.argv.slice(2));
