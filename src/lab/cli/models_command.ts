import type { Command } from 'commander';
import type { runModels } from '../commands/models.ts';
import { width } from './option_values.ts';

/** `wgrad models`. finish: told the exit code of `run`. */
export function addModelsCommand(program: Command, run: typeof runModels, finish: (exitCode: number) => void): void {
  program
    .command('models')
    .description('names the networks with their parameters, FLOPs and input')
    .option('--json', 'print one JSON array')
    .option('--width <factor>', 'channels of the networks, relative to their own', width, 1)
    .action(async (options) => finish(await run(options)));
}
