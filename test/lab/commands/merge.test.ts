import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { runMerge } from '../../../src/lab/commands/merge.ts';
import { runSweep } from '../../../src/lab/commands/sweep.ts';

const require = createRequire(import.meta.url);

let folder: string;
const at = (name: string) => join(folder, name);
const { signal } = new AbortController();
const sweep = (into: string, options = {}) => runSweep(at('study.yaml'), { into: at(into), signal, ...options });
const merge = (into: string, shards: string[], options = {}) =>
  runMerge(shards.map(at), { into: at(into), signal, ...options });

/** results.json of a folder but for timings. */
function resultsOf(name: string) {
  const { timings, ...results } = JSON.parse(readFileSync(join(at(name), 'results.json'), 'utf8'));
  expect(Object.keys(timings)).toEqual(Object.keys(results.trainings));
  return results;
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wgrad-merge-'));
  const base = 'base: {width: 0.0625, epochs: 1, batchSize: 32}\n';
  writeFileSync(
    at('study.yaml'),
    `data: mnist\nmaxPerClass: 8\ntestPerClass: 5\n${base}grid: {loss: [ce, focal]}\nseeds: [0, 1]\n`,
  );
  vi.spyOn(console, 'log').mockReturnValue();
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
});
afterAll(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

describe('a study in shards', () => {
  it('is merged to what one run leaves, bit for bit but for timings', async () => {
    expect(await sweep('whole')).toBe(0);
    for (const index of [1, 2, 3]) expect(await sweep(`part${index}`, { shard: { index, of: 3 } })).toBe(0);
    await expect(merge('merged', ['part1', 'part3'])).rejects.toThrow(
      '1 training is missing: 2-custom-cnn-ce-adam-seed-1; make them, or take what is there by --partial.',
    );
    expect(await merge('merged', ['part3', 'part1', 'part2'])).toBe(0);
    expect(JSON.stringify(resultsOf('merged'))).toBe(JSON.stringify(resultsOf('whole')));
    const { trainings } = resultsOf('whole');
    expect(Object.keys(trainings)).toHaveLength(4);
    expect(new Set(Object.values<{ test: { loss: number } }>(trainings).map(({ test }) => test.loss)).size).toBe(4);
    for (const name of ['results.csv', 'trainings/3-custom-cnn-focal-adam-seed-0/weights.safetensors']) {
      expect(readFileSync(join(at('merged'), name)).equals(readFileSync(join(at('whole'), name)))).toBe(true);
    }
  });

  it('takes a part where it is told to', async () => {
    expect(await merge('some', ['part2'], { partial: true })).toBe(0);
    expect(Object.keys(resultsOf('some').trainings)).toEqual(['2-custom-cnn-ce-adam-seed-1']);
  });

  it('makes no training twice', async () => {
    const weights = join(at('whole'), 'trainings/1-custom-cnn-ce-adam-seed-0/weights.safetensors');
    const before = statSync(weights).mtimeMs;
    expect(await sweep('whole')).toBe(0);
    expect(statSync(weights).mtimeMs).toBe(before);
  });

  it('is told from another', async () => {
    writeFileSync(at('other.yaml'), 'data: mnist\nseeds: [3]\n');
    await expect(runSweep(at('other.yaml'), { into: at('whole'), signal })).rejects.toThrow('holds another sweep');
    await expect(merge('merged', ['nowhere'])).rejects.toThrow('There is no run to resume in');
    await expect(merge('merged', ['whole', 'merged/trainings/1-custom-cnn-ce-adam-seed-0'])).rejects.toThrow(
      'Shards of one kind can be merged; these are of wgrad-sweep and wgrad-training.',
    );
    await expect(merge('merged', ['merged/trainings/1-custom-cnn-ce-adam-seed-0'])).rejects.toThrow(
      'neither a sweep nor a run of the lab',
    );
  });

  const parallel = spawnSync('parallel', ['--version'], { encoding: 'utf8' }).stdout?.includes('GNU parallel') ?? false;
  if (!parallel) console.warn('The line of docs/sweeps.md for GNU parallel was not run: it is not installed.');

  it.runIf(parallel)('is made side by side by the line that the document gives for GNU parallel', () => {
    const root = fileURLToPath(new URL('../../..', import.meta.url));
    const document = readFileSync(join(root, 'docs', 'sweeps.md'), 'utf8');
    const line = /^ {4}(parallel .*)$/m.exec(document)?.[1] ?? '';
    const wgrad = `${process.execPath} --import ${JSON.stringify(pathToFileURL(require.resolve('tsx/esm')).href)} ${join(root, 'src/lab/cli/main.ts')}`;
    const command = line.replace('npx wgrad', wgrad);
    expect(command).not.toBe(line);
    const { status, stderr } = spawnSync(command, { cwd: folder, shell: true, encoding: 'utf8' });
    expect([status, status === 0 ? '' : stderr]).toEqual([0, '']);
  });

  it.runIf(parallel)('and is merged to the same', async () => {
    expect(await merge('results', ['part-1', 'part-2', 'part-3', 'part-4'])).toBe(0);
    expect(JSON.stringify(resultsOf('results'))).toBe(JSON.stringify(resultsOf('whole')));
  });
});
