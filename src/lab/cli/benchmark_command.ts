import type { Command } from 'commander';
import type { runBenchmark } from '../commands/benchmark.ts';
import { ADAPTER_HELP } from './option_values.ts';

/** `wgrad benchmark`. finish: told the exit code of `run`. */
export function addBenchmarkCommand(
  program: Command,
  run: typeof runBenchmark,
  finish: (exitCode: number) => void,
): void {
  program
    .command('benchmark')
    .description('measures the adapter: kernels beside its peak, training steps, the first step, a dispatch')
    .option('--out <folder>', 'where the report is written', 'runs/benchmark')
    .option('--json', 'print the report as one JSON object')
    .option('--adapter <text>', ADAPTER_HELP)
    .action(async (options) => finish(await run(options)));
}
