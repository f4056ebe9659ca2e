import { InvalidArgumentError, Option } from 'commander';
import { DATASET_NAMES } from '../../data/image_dataset.ts';
import { MODEL_NAMES } from '../../nn/models/index.ts';
import { RUNG_NAMES, RUNGS, TILED_RUNGS } from '../../runtime/rungs.ts';
import { LOG_NAMES } from '../log/index.ts';
import { DATA_FIELDS } from '../run/data_fields.ts';
import type { Shard } from '../sweep/sweep_file.ts';
import { fieldOption } from './field_option.ts';

/** A parser for whole numbers from `least` to `most`. */
export function whole(least: number, most = Number.POSITIVE_INFINITY) {
  return (text: string): number => {
    const value = Number(text);
    if (!Number.isSafeInteger(value) || value < least || value > most || text.trim() === '') {
      const range = Number.isFinite(most) ? `from ${least} to ${most}` : `of at least ${least}`;
      throw new InvalidArgumentError(`It must be a whole number ${range}.`);
    }
    return value;
  };
}

/** Seconds of each unit of time. */
const UNITS = { d: 86_400, h: 3600, m: 60, s: 1 } as const;
/** Days that a timer can count. */
const MOST_DAYS = 24;

/** Seconds of a time such as 90s, 55m or 1h30m. Throws InvalidArgumentError for what is none, for 0 and for more than 24 days. */
export function duration(text: string): number {
  const parts = /^(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(text.trim())?.slice(1) ?? [];
  const seconds = Object.values(UNITS).reduce((sum, unit, i) => sum + unit * Number(parts[i] ?? 0), 0);
  if (seconds > 0 && seconds <= MOST_DAYS * UNITS.d) return seconds;
  throw new InvalidArgumentError(`It must be a time such as 90s, 55m or 1h30m, of at most ${MOST_DAYS} days.`);
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

/** A parser for numbers in a range with commas between them; see `number`. */
function numbers(range: string, fits: (value: number) => boolean) {
  const one = number(range, fits);
  return (text: string): number[] => {
    try {
      return text.split(',').map(one);
    } catch {
      throw new InvalidArgumentError(`It must be numbers ${range} with commas between them.`);
    }
  };
}

/** What `--adapter` means, for --help. */
export const ADAPTER_HELP = "hardware, software, or a part of an adapter's name (default: hardware if there is any)";
/** `--adapter-index`, of every command that has `--adapter`. */
export function adapterIndexOption(): Option {
  const text = 'the adapter of this index, as wgrad doctor lists them (default: WGRAD_ADAPTER_INDEX, else as above)';
  return new Option('--adapter-index <k>', text).argParser(whole(0, 9999)).conflicts('adapter');
}
/** What `--data-dir` means, for --help. */
export const DATA_DIR_HELP = 'folder to look for the data in first (then WGRAD_DATA, then the cache)';

/** `--data`. usual: what is taken where it is not given. */
export function dataOption(usual: string): Option {
  const known = DATASET_NAMES.join(', ');
  return new Option(
    '--data <name or path>',
    `${known}; or images of your own: a folder, a .csv or an .npz file, see docs/data.md (default: ${usual})`,
  );
}

/** The options that say how a data set is read. */
export function readingOptions(): Option[] {
  return (['mirror', 'imageSize', 'background', 'testShare', 'skipDamaged'] as const).map((name) =>
    fieldOption(DATA_FIELDS[name]),
  );
}

/** Bytes of a megabyte. */
const MEGABYTE = 2 ** 20;

/** `--image-memory`, in megabytes on the command line and in bytes as a value. */
export function imageMemoryOption(): Option {
  const megabytes = number('of at least 0', (value) => value >= 0);
  const text =
    'megabytes of images kept on the device; of more, each batch is uploaded (default: 1024, or a quarter of the memory)';
  return new Option('--image-memory <MB>', text).argParser((value) => megabytes(value) * MEGABYTE);
}

/** `--mean` and `--std`. usual: what is taken where they are not given. */
export function normalisationOptions(usual: string): Option[] {
  const mean = `of each channel, to normalise by: 0.485,0.456,0.406 (default: ${usual})`;
  const std = `of each channel, to normalise by (default: ${usual})`;
  return [
    new Option('--mean <numbers>', mean).argParser(numbers('from 0 to 1', (value) => value >= 0 && value <= 1)),
    new Option('--std <numbers>', std).argParser(numbers('above 0', (value) => value > 0)),
  ];
}

/** `--model` of a command that takes weights from a file. */
export function modelOption(): Option {
  return new Option('--model <name>', 'network that the weights are of (default: as the file records)').choices(
    MODEL_NAMES,
  );
}

/** `--classes`. usual: what is taken where it is not given. */
export function classesOption(usual: string): Option {
  const text = `names of the classes, with commas between them, in the network's order (default: ${usual})`;
  return new Option('--classes <names>', text).argParser((names) => names.split(',').map((name) => name.trim()));
}

/** `--shard`. of: what is parted. */
export function shardOption(of: string): Option {
  return new Option('--shard <i/n>', `make the i-th of n parts of the ${of}; wgrad merge puts them together`).argParser(
    (text): Shard => {
      const [, index, count] = /^(\d+)\/(\d+)$/.exec(text)?.map(Number) ?? [];
      if (index >= 1 && index <= count) return { index, of: count };
      throw new InvalidArgumentError('It must be i/n with i from 1 to n, such as 2/4.');
    },
  );
}

/** `--log`. of: what each log is of. */
export function logOption(of: string): Option {
  const text = `write a log of ${of} besides, for TensorBoard or as lines of JSON`;
  return new Option('--log <kind>', text).choices(LOG_NAMES);
}

/** `--stop-after`, in seconds as a value. */
export function stopAfterOption(): Option {
  const text = 'save and stop after this time, such as 55m or 1h30m, with exit code 75: the same command goes on';
  return new Option('--stop-after <time>', text).argParser(duration);
}

/** `--jobs`. of: what runs at once. */
export function jobsOption(of: string): Option {
  return new Option('--jobs <n>', `${of} that run at once, each a process, on equal adapters in turn`)
    .argParser(whole(1, 256))
    .default(1);
}

/** `--rung`. usual: what is taken where it is not given. */
export function rungOption(usual: string): Option {
  const names = `${RUNGS.join(', ')}, or the blocked one with a tile, as ${TILED_RUNGS[0]}`;
  return new Option(
    '--rung <name>',
    `version of the kernels to take wherever it can run: ${names} (default: ${usual})`,
  ).argParser((text) => {
    const known = RUNG_NAMES.find((name) => name === text);
    if (known) return known;
    const tiles = TILED_RUNGS.join(', ');
    throw new InvalidArgumentError(`There are: ${RUNGS.join(', ')}; and of the blocked one's tiles: ${tiles}.`);
  });
}
