import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { runMerge } from '../../../src/lab/commands/merge.ts';
import { runSweep } from '../../../src/lab/commands/sweep.ts';

/** Devices that were opened. */
const opened = vi.hoisted(() => ({ count: 0 }));
vi.mock('../../../src/node.ts', async (original) => {
  const own = await original<typeof import('../../../src/node.ts')>();
  const openDevice: typeof own.openDevice = (options) => {
    opened.count++;
    return own.openDevice(options);
  };
  return { ...own, openDevice };
});

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

  it('is refused where its trainings ran on different adapters, unless it is told to take them', async () => {
    cpSync(at('part1'), at('other1'), { recursive: true });
    const file = join(at('other1'), 'trainings/1-custom-cnn-ce-adam-seed-0/results.json');
    const results = JSON.parse(readFileSync(file, 'utf8'));
    results.environment.adapter.description = 'another';
    writeFileSync(file, JSON.stringify(results));
    await expect(merge('mixed', ['other1', 'part2', 'part3'])).rejects.toThrow(
      `${at('other1')}/trainings/4-custom-cnn-focal-adam-seed-1 was made on another adapter or by other kernels than ${at('other1')}/trainings/1-custom-cnn-ce-adam-seed-0; make all on adapters of one kind, or take them as they are by --partial.`,
    );
    expect(existsSync(at('mixed'))).toBe(false);
    expect(await merge('mixed', ['other1', 'part2', 'part3'], { partial: true })).toBe(0);
  });

  it('is whole where the last of several processes wrote what it knew', async () => {
    const file = join(at('part3'), 'results.json');
    const results = readFileSync(file, 'utf8');
    writeFileSync(file, JSON.stringify({ ...JSON.parse(results), trainings: {}, timings: {} }));
    expect(await merge('late', ['part3', 'part1', 'part2'])).toBe(0);
    writeFileSync(file, results);
    expect(JSON.stringify(resultsOf('late'))).toBe(JSON.stringify(resultsOf('whole')));
  });

  it('is the same where two processes make it at once', async () => {
    expect(await sweep('at-once', { jobs: 2, args: ['sweep', at('study.yaml')] })).toBe(0);
    expect(JSON.stringify(resultsOf('at-once'))).toBe(JSON.stringify(resultsOf('whole')));
  });

  it('says where it stands', async () => {
    vi.mocked(console.log).mockClear();
    expect(await sweep('part2', { status: true })).toBe(0);
    const [[text]] = vi.mocked(console.log).mock.calls;
    expect(text).toMatch(
      /^\S+part2: 4 trainings: 1 done, 0 running, 0 failed, 0 stopped, 3 to do\.\nAbout .+ left with one at a time; none runs now\.$/,
    );
    expect(await sweep('whole', { status: true, json: true })).toBe(0);
    const { counts, secondsLeft } = JSON.parse(vi.mocked(console.log).mock.calls[1][0]);
    expect([counts.done, secondsLeft]).toEqual([4, 0]);
    expect(await sweep('nowhere', { status: true })).toBe(0);
    expect(existsSync(at('nowhere'))).toBe(false);
  });

  it('notes why a training failed, makes the others, and forgets it when it is made', async () => {
    writeFileSync(
      at('diverging.yaml'),
      'data: mnist\nmaxPerClass: 4\ntestPerClass: 1\nbase: {width: 0.0625, epochs: 1, optimizer: sgd}\ngrid: {lr: [1e30, 0.01]}\n',
    );
    vi.spyOn(console, 'error').mockReturnValue();
    const run = (options = {}) => runSweep(at('diverging.yaml'), { into: at('diverging'), signal, ...options });
    expect(await run()).toBe(1);
    vi.mocked(console.log).mockClear();
    expect(await run({ status: true })).toBe(0);
    const [[text]] = vi.mocked(console.log).mock.calls;
    expect(text).toContain('2 trainings: 1 done, 0 running, 1 failed');
    expect(text).toMatch(/\n {2}failed {3}1-custom-cnn-ce-sgd-seed-42: \d of 1 epochs saved; .*a probability of NaN/);
  });

  it('passes over what is done without a device or data', async () => {
    const before = opened.count;
    expect(before).toBeGreaterThan(0);
    expect(await sweep('whole')).toBe(0);
    expect(opened.count).toBe(before);
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
