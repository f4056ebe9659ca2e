import type { Command } from 'commander';
import type { runVerify } from '../commands/verify.ts';
import { ADAPTER_HELP } from './option_values.ts';

/** `wgrad verify`. finish: told the exit code of `run`. */
export function addVerifyCommand(program: Command, run: typeof runVerify, finish: (exitCode: number) => void): void {
  program
    .command('verify')
    .description(
      'checks whether the adapter and its driver compute rightly, kernel by kernel, and avoids what is wrong',
    )
    .option('--quick', 'the most telling cases alone: under a minute')
    .option('--out <folder>', 'where the report is written', 'runs/verify')
    .option('--json', 'print the report as one JSON object')
    .option('--adapter <text>', ADAPTER_HELP)
    .action(async (options) => finish(await run(options)));
}
