import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type CompareOptions, runCompare } from '../../../src/lab/commands/compare.ts';
import { COMPARISON_RESULTS, type ComparisonResults } from '../../../src/lab/compare/comparison_results.ts';
import { DONE } from '../../../src/lab/run/exit_codes.ts';

let parent: string;
let said: string[];
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'wgrad-compare-'));
  said = [];
  quiet();
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(parent, { recursive: true });
});

function quiet() {
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  vi.spyOn(console, 'log').mockImplementation((text) => void said.push(text));
}

const OPTIONS = {
  ...{ data: 'mnist', imbalance: 10, maxPerClass: 20, testPerClass: 6, validation: 0.2 },
  ...{ remedies: ['drw', 'crt'], width: 1 / 16, epochs: 2, seed: 42, seeds: 2, by: 'balanced-accuracy' },
};
const compare = (name: string, more: Partial<CompareOptions> = {}) =>
  runCompare({ ...OPTIONS, into: join(parent, name), signal: new AbortController().signal, ...more });
const results = (name: string): ComparisonResults =>
  COMPARISON_RESULTS.schema.parse(JSON.parse(readFileSync(join(parent, name, 'results.json'), 'utf8')));

/** The same by a process of its own, which is told to stop when it begins a training; its exit code. */
function compareByProcess(name: string, stopAt = Number.POSITIVE_INFINITY): Promise<number | null> {
  const { data, imbalance, maxPerClass, testPerClass, validation, remedies, width, epochs, seeds } = OPTIONS;
  const options = `--imbalance ${imbalance} --max-per-class ${maxPerClass} --test-per-class ${testPerClass} --validation ${validation} --remedies ${remedies} --width ${width} --epochs ${epochs} --seeds ${seeds}`;
  const args = ['compare', '--data', data, ...options.split(' '), '--into', join(parent, name)];
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/lab/cli/main.ts', ...args], { stdio: 'pipe' });
  let begun = 0;
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (/^\d\/\d /.test(line) && ++begun === stopAt) child.kill('SIGTERM');
  });
  return new Promise((resolve) => child.on('close', resolve));
}

it('goes on to the same results after a stop, and answers by its numbers', async () => {
  expect(await compare('whole')).toBe(DONE);
  const whole = results('whole');
  // At the fourth of six trainings.
  expect(await compareByProcess('stopped', 4)).toBe(143);
  expect(results('stopped').outcome).toBeNull();
  expect(await compareByProcess('stopped')).toBe(DONE);
  const { outcome, dataset, environment } = results('stopped');
  const withoutTimes = (section: NonNullable<ComparisonResults['outcome']>['section'] = []) =>
    section.filter((block) => !(block.kind === 'table' && block.caption.startsWith('What each costs')));
  const plain = (of: ComparisonResults['outcome']) => ({ ...of, section: withoutTimes(of?.section) });
  expect(plain(outcome)).toEqual(plain(whole.outcome));
  expect([dataset, environment]).toEqual([whole.dataset, whole.environment]);

  const { compared, winner, answer } = outcome!;
  expect(compared.map(({ name, seeds }) => [name, seeds])).toEqual([
    ['baseline', 2],
    ['drw', 2],
    ['crt', 2],
  ]);
  const ranked = compared.slice(1).map(({ name, differences }) => ({ name, ...differences!['balanced accuracy'] }));
  const sure = ranked.filter(({ value, pHolm }) => value > 0 && pHolm < 0.05).sort((a, b) => b.value - a.value);
  expect(winner).toBe(sure[0]?.name ?? null);
  expect(answer[0]).toContain(winner ? `${winner} helps` : 'None of the 2 remedies could be told from the baseline');
  const page = readFileSync(join(parent, 'stopped', 'report.html'), 'utf8');
  expect(page).toContain('Which remedy helps these images?');
  expect(page.indexOf('could be told') >= 0 || page.indexOf('helps:') >= 0).toBe(true);
  expect(page).toContain('npx wgrad train --data mnist --model custom-cnn --width 0.0625');
});

it('parts its trainings, and compares when the last part is done', async () => {
  const part = { remedies: ['drw'], seeds: 1, epochs: 1 };
  expect(await compare('parts', { ...part, shard: { index: 1, of: 2 } })).toBe(DONE);
  expect(said.at(-1)).toContain('This part is done. 1 trainings of other parts are not');
  expect(results('parts').outcome).toBeNull();
  expect(await compare('parts', { ...part, shard: { index: 2, of: 2 } })).toBe(DONE);
  expect(results('parts').outcome?.compared).toHaveLength(2);
  expect(await compare('parts', part)).toBe(DONE);
  expect(said.at(-1)).toMatch(/: done before\. Report: .*report\.html$/);
  await expect(compare('parts', { ...part, seeds: 2 })).rejects.toThrow('holds another comparison');
});

it('makes its trainings at once in processes, to the same results', async () => {
  const few = { remedies: ['drw'], seeds: 1, epochs: 1 };
  expect(await compare('alone', few)).toBe(DONE);
  expect(await compare('at-once', { ...few, jobs: 2 })).toBe(DONE);
  const { compared } = results('at-once').outcome!;
  expect(compared).toEqual(results('alone').outcome!.compared);
});

it('refuses the recall of a class that there is not', async () => {
  await expect(compare('none', { remedies: [], seeds: 1, epochs: 1, by: 'recall:eleven' })).rejects.toThrow(
    'There is no class "eleven" to compare recalls of: choose one of 0, 1,',
  );
});
