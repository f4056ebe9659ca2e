import type { Command } from 'commander';
import type { runGradchecks } from '../commands/gradcheck.ts';
import { ADAPTER_HELP, rungOption } from './option_values.ts';

/** `wgrad gradcheck`. finish: told the exit code of `run`. */
export function addGradcheckCommand(
  program: Command,
  run: typeof runGradchecks,
  finish: (exitCode: number) => void,
): void {
  program
    .command('gradcheck')
    .argument('[names...]', 'operations, layers and losses, or files of your own that end in .js or .ts')
    .description('compares gradients with central differences; without a name lists what there is to check')
    .option('--all', 'check every operation, layer and loss')
    .option(
      '--break <name>',
      "put a rule with a known mistake in its place and see the check find it; 'list' names them",
    )
    .option('--json', 'print what was found as JSON')
    .option('--adapter <text>', ADAPTER_HELP)
    .addOption(rungOption('by the kind of adapter'))
    .action(async (names: string[], options) => finish(await run(names, options)));
}
