import type { Command } from 'commander';
import { RECIPE_FIELDS } from '../../train/recipe_fields.ts';
import type { runModels } from '../commands/models.ts';
import { fieldOption } from './field_option.ts';

/** `wgrad models`. finish: told the exit code of `run`. */
export function addModelsCommand(program: Command, run: typeof runModels, finish: (exitCode: number) => void): void {
  program
    .command('models')
    .description('names the networks with their parameters, FLOPs and input')
    .option('--json', 'print one JSON array')
    .addOption(fieldOption(RECIPE_FIELDS.width, '').default(1))
    .action(async (options) => finish(await run(options)));
}
