import { Argument, type Command } from 'commander';
import { LADDER_NAMES } from '../../inspect/ladder/ladders.ts';
import { ladderShapes, type runLadderCommand } from '../commands/ladder.ts';
import { ADAPTER_HELP, whole } from './option_values.ts';

/** `wgrad ladder`. finish: told the exit code of `run`. */
export function addLadderCommand(
  program: Command,
  run: typeof runLadderCommand,
  finish: (exitCode: number) => void,
): void {
  program
    .command('ladder')
    .addArgument(
      new Argument('[kernel]', 'the kernel whose versions (rungs) to climb; without one lists them').choices(
        LADDER_NAMES,
      ),
    )
    .description('runs every version of a kernel, from naive to fast, and says what each reaches and why')
    .option('--shape <sizes>', 'sizes with x between, see below')
    .option('--runs <n>', 'samples of each version; slow ones take fewer', whole(1), 7)
    .option('--out <folder>', 'where the roofline figure is written', 'runs/ladder')
    .option('--json', 'print one JSON object')
    .option('--adapter <text>', ADAPTER_HELP)
    .addHelpText('after', `\nShapes:\n${ladderShapes()}`)
    .action(async (kernel, options) => finish(await run(kernel, options)));
}
