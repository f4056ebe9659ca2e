import { type Command, InvalidArgumentError, Option } from 'commander';
import type { LearnOptions } from '../commands/learn.ts';
import { ADAPTER_HELP } from './option_values.ts';

/** The learner's folder where nothing else is said: not `exercises`, which the project has itself. */
const FOLDER = 'wgrad-exercises';

function invocation(text: string): [number, number, number] {
  const parts = text.split(',').map((part) => (/^\s*\d+\s*$/.test(part) ? Number(part) : Number.NaN));
  if (parts.length > 3 || !parts.every(Number.isSafeInteger)) {
    throw new InvalidArgumentError('It must be up to three whole numbers with commas between them, such as 5,0,0.');
  }
  const [x, y = 0, z = 0] = parts;
  return [x, y, z];
}

/** `wgrad learn`. finish: told the exit code of `run`. */
export function addLearnCommand(
  program: Command,
  run: (options: LearnOptions) => Promise<number>,
  finish: (exitCode: number) => void,
): void {
  const learn = program
    .command('learn')
    .description('exercises: kernels with holes to fill, and a check that says what is wrong');
  const into = () => new Option('--into <folder>', 'folder of your kernels').default(FOLDER);
  const adapter = () => new Option('--adapter <text>', ADAPTER_HELP);
  type Given = Omit<LearnOptions, 'action' | 'name'>;
  const add = (action: Exclude<LearnOptions['action'], 'list'>, description: string) =>
    learn
      .command(action)
      .description(description)
      .argument('[name]', 'the exercise (default: the first that is not done)')
      .addOption(into())
      .action(async (name: string | undefined, given: Given) => finish(await run({ ...given, action, name })));
  learn
    .command('list')
    .description('names the exercises in their order, with what each teaches and whether it is done')
    .addOption(into())
    .action(async (given: Given) => finish(await run({ ...given, action: 'list' })));
  add('start', 'puts the kernel with its holes into the folder');
  add('check', 'says whether the kernel is right, and if not, what is wrong').addOption(adapter());
  add('hint', 'gives the next hint');
  add('step', 'walks one invocation on a small case, line by line with its values')
    .addOption(
      new Option('--invocation <x,y,z>', 'its global_invocation_id').argParser(invocation).default([0, 0, 0], '0,0,0'),
    )
    .option('--all', 'show all statements of a long walk')
    .addOption(adapter());
}
