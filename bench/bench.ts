import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { rungOption } from '../src/lab/cli/option_values.ts';
import { formatTable } from '../src/lab/terminal/text_table.ts';
import { openDevice } from '../src/node.ts';
import { DeviceError } from '../src/runtime/errors.ts';
import { type RungName, rungOf } from '../src/runtime/rungs.ts';
import { adamBenchmarks } from './adam.ts';
import { batchNormBenchmarks } from './batch_norm.ts';
import type { Benchmark, Row } from './benchmark.ts';
import { conv2dBenchmarks } from './conv2d.ts';
import { depthwiseConv2dBenchmarks } from './depthwise_conv2d.ts';
import { measureDiagnose } from './diagnose.ts';
import { COUNTED, countDispatches, type DispatchRow, dispatchTable } from './dispatches.ts';
import { measureHost } from './host.ts';
import { imagePlacesBenchmarks } from './image_places.ts';
import { matmulBenchmarks } from './matmul.ts';
import { maxPoolBenchmarks } from './max_pool.ts';
import { measure } from './measure.ts';
import { describeMemory, type MemoryRow, measureMemory } from './memory.ts';
import { describeProfile, profileOnce } from './profile.ts';
import { tilesTable } from './tiles.ts';
import { trainingStepBenchmarks } from './training_step.ts';

const BENCHMARKS: readonly Benchmark[] = [
  ...matmulBenchmarks,
  ...conv2dBenchmarks,
  ...depthwiseConv2dBenchmarks,
  ...batchNormBenchmarks,
  ...maxPoolBenchmarks,
  ...adamBenchmarks,
  ...imagePlacesBenchmarks,
  ...trainingStepBenchmarks,
];
const NAMES = [...new Set(BENCHMARKS.map(({ name }) => name)), 'host', 'diagnose', 'memory', 'dispatches', 'tiles'];

function names(text: string): string[] {
  const given = text.split(',').map((name) => name.trim());
  for (const name of given) {
    if (!NAMES.includes(name)) {
      throw new InvalidArgumentError(`There is no benchmark '${name}'; there are: ${NAMES.join(', ')}.`);
    }
  }
  return given;
}

function texts(text: string): string[] {
  return text.split(',').map((part) => part.trim().toLowerCase());
}

function runs(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1 || text.trim() === '') {
    throw new InvalidArgumentError('It must be a whole number of at least 1.');
  }
  return value;
}

interface Options {
  only?: string[];
  shape?: string[];
  runs: number;
  json?: boolean;
  adapter?: string;
  rung?: RungName;
  profile?: boolean;
}

/** Whether the shape of a benchmark holds one of the texts asked for. */
function fits({ shape }: Benchmark, texts: readonly string[] | undefined): boolean {
  return texts === undefined || texts.some((text) => shape.toLowerCase().includes(text));
}

/** The versions to time: all of a benchmark, or the one that is asked for where it has that. */
function rungsOf({ rungs }: Benchmark, wanted: RungName | undefined): Benchmark['rungs'] {
  if (wanted === undefined) return rungs;
  return rungs.includes(rungOf(wanted)) ? [wanted] : [];
}

/** Times below a tenth of a millisecond are told in microseconds. */
function time(ms: number): string {
  return ms < 0.1 ? `${(ms * 1000).toFixed(1)} µs` : `${ms.toFixed(2)} ms`;
}

const rate = (value: number | null) => (value === null ? '–' : value.toFixed(2));

function table(rows: readonly Row[]): string {
  return formatTable(
    ['benchmark', 'shape', 'rung', 'time', 'GFLOP/s', 'GB/s', '× naive'],
    rows.map(({ name, shape, rung, ms, gflops, gbps, vsNaive }) => [
      ...[name, shape, rung, time(ms), rate(gflops), rate(gbps)],
      vsNaive === null ? '–' : vsNaive.toFixed(1),
    ]),
  );
}

async function bench(options: Options): Promise<void> {
  const wanted = options.only ?? NAMES;
  const gpu = await openDevice({ adapter: options.adapter });
  try {
    const device = gpu.adapter.description || gpu.adapter.device;
    const rows: Row[] = [];
    for (const benchmark of BENCHMARKS) {
      if (!wanted.includes(benchmark.name) || !fits(benchmark, options.shape)) continue;
      if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${benchmark.name} ${benchmark.shape}`);
      if (options.profile) {
        gpu.forcedRung = options.rung;
        console.log(`${describeProfile(benchmark, await profileOnce(gpu, benchmark))}\n`);
      } else {
        const rungs = rungsOf(benchmark, options.rung);
        if (rungs.length > 0) rows.push(...(await measure(gpu, { ...benchmark, rungs }, options.runs)));
      }
      gpu.trim();
    }
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
    if (options.profile) return;
    if (wanted.includes('host')) rows.push(...(await measureHost(gpu, options.runs)));
    if (wanted.includes('diagnose')) rows.push(...(await measureDiagnose(gpu, options.runs)));
    const memory: MemoryRow[] = wanted.includes('memory') ? [await measureMemory(gpu, 128, 1)] : [];
    const dispatches: DispatchRow[] = [];
    if (wanted.includes('dispatches')) for (const net of COUNTED) dispatches.push(...(await countDispatches(gpu, net)));
    if (options.json) console.log(JSON.stringify({ device, rows, memory, dispatches }, null, 2));
    else {
      console.log(device);
      if (rows.length > 0) console.log(`${table(rows)}\nMedian of up to ${options.runs} runs, rungs taking turns.`);
      for (const row of memory) console.log(describeMemory(row));
      if (dispatches.length > 0) console.log(dispatchTable(dispatches));
      if (wanted.includes('tiles')) console.log(tilesTable());
    }
  } finally {
    gpu.close();
  }
}

/** Runs the command line. Returns the exit code: 2 for a mistake of the user's, 1 for a failure of the device. */
async function main(args: readonly string[]): Promise<number> {
  const program = new Command('bench')
    .description('Times the kernels and whole training steps, each version of a kernel beside the naive one.')
    .option('--only <names>', `benchmarks to run, with commas between: ${NAMES.join(', ')}`, names)
    .option(
      '--shape <texts>',
      "only shapes that hold one of these texts, with commas between, as '64→64,stride 2'",
      texts,
    )
    .option('--runs <n>', 'samples of each; slow ones take fewer', runs, 7)
    .addOption(rungOption('all'))
    .option('--profile', 'instead of times print where one call spends its time on the device, kernel by kernel')
    .option('--json', 'print one JSON object')
    .option('--adapter <text>', "hardware, software, or a part of an adapter's name")
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'bench: ')) })
    .action(bench);
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (!(error instanceof DeviceError)) throw error;
    console.error(`bench: ${error.message}`);
    return 1;
  }
  return 0;
}

process.exitCode = await main(process.argv.slice(2));
