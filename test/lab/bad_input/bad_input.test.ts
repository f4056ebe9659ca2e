import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { main } from '../../../src/lab/cli/command_line.ts';
import type { BadCommand } from './bad_command.ts';
import { COMMAND_LINE } from './command_line_cases.ts';
import { DATA } from './data_cases.ts';
import { LAB } from './lab_cases.ts';
import { makeFiles } from './made_files.ts';
import { RUNS } from './run_folder_cases.ts';
import { SWEEPS } from './sweep_cases.ts';
import { TRAIN } from './train_cases.ts';
import { WEIGHTS } from './weights_cases.ts';

let files: ReturnType<typeof makeFiles>;
let errors = '';
beforeAll(() => {
  files = makeFiles();
  vi.stubEnv('XDG_CACHE_HOME', files.path('cache'));
  vi.stubEnv('WGRAD_DATA', undefined);
});
beforeEach(() => {
  errors = '';
  const error = (text: unknown) => {
    errors += text;
    return true;
  };
  vi.spyOn(process.stderr, 'write').mockImplementation(error);
  vi.spyOn(console, 'error').mockImplementation((line) => void error(`${line}\n`));
  vi.spyOn(console, 'log').mockReturnValue();
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
});
afterAll(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  files.remove();
});

/** Lines that say what is being done; the sentence comes after them. */
const PROGRESS = /^(decoding: .*|Passed over .*|\(Did you mean .*\?\))$/;

async function refused([line, sentence]: BadCommand): Promise<void> {
  const filled = (text: string) => text.replaceAll('NAME300', 'n'.repeat(300));
  const args = line.split(' ').map((word) => filled(word).replace(/^@/, `${files.folder}/`));
  expect(await main(args)).toBe(2);
  const said = errors
    .replaceAll(`${files.folder}/`, '@')
    .split('\n')
    .filter((text) => text !== '' && !PROGRESS.test(text));
  const expected = `wgrad: ${filled(sentence)}`;
  if (expected.endsWith('…')) {
    expect(said).toEqual([expect.stringMatching(/^[^\n]+[.\w)]$/)]);
    expect(said[0].slice(0, expected.length - 1)).toBe(expected.slice(0, -1));
  } else {
    expect(said).toEqual([expected]);
  }
}

describe.each<[string, readonly BadCommand[]]>([
  ['the command line', COMMAND_LINE],
  ['train', TRAIN],
  ['lab', LAB],
  ['weights', WEIGHTS],
  ['data', DATA],
  ['sweeps', SWEEPS],
  ['folders of runs', RUNS],
])('%s: one sentence and exit code 2', (_, cases) => {
  it.each(cases.map((command) => [command[0], command] as const))('%s', (_line, command) => refused(command));
});
