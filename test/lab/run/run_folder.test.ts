import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Figure } from '../../../src/lab/plots/index.ts';
import { RunFolder } from '../../../src/lab/run/run_folder.ts';
import { FolderInUse } from '../../../src/node/folder_lock.ts';
import { UserError } from '../../../src/runtime/errors.ts';

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'wgrad-run-'));
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(parent, { recursive: true });
});

describe('RunFolder.create', () => {
  it('names the folder by the local time and the run, and makes the parents', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: new Date(2026, 0, 31, 9, 5, 0) });
    const { path } = await RunFolder.create(join(parent, 'a', 'b'), 'quick');
    expect(path).toBe(join(parent, 'a', 'b', '2026-01-31T09-05-00-quick'));
    expect(readdirSync(path).sort()).toEqual(['checkpoints', 'figures', 'lock.json']);
  });

  it('gives runs that start in the same second folders of their own', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: new Date(2026, 0, 31, 9, 5, 0) });
    const folders = await Promise.all(Array.from({ length: 4 }, () => RunFolder.create(parent, 'quick')));
    const base = join(parent, '2026-01-31T09-05-00-quick');
    expect(folders.map(({ path }) => path).sort()).toEqual([base, `${base}-2`, `${base}-3`, `${base}-4`]);
  });

  it('refuses a parent that is a file', async () => {
    writeFileSync(join(parent, 'file'), '');
    await expect(RunFolder.create(join(parent, 'file'), 'quick')).rejects.toThrow(UserError);
  });
});

describe('RunFolder.open', () => {
  it('takes a folder with results up, removes what was half written and makes what is missing', async () => {
    const first = await RunFolder.create(parent, 'quick');
    const { path } = first;
    writeFileSync(join(path, 'results.json'), '{"a":1}');
    writeFileSync(join(path, 'results.json.123.partial'), '{"a"');
    writeFileSync(join(path, 'checkpoints', 'ps1.safetensors.9.partial'), 'x');
    rmSync(join(path, 'figures'), { recursive: true });
    // Another process that works there is not disturbed.
    await expect(RunFolder.open(path)).rejects.toThrow(FolderInUse);
    expect(existsSync(join(path, 'results.json.123.partial'))).toBe(true);
    first.release();
    const folder = await RunFolder.open(path);
    expect(readdirSync(path).sort()).toEqual(['checkpoints', 'figures', 'lock.json', 'results.json']);
    expect(readdirSync(join(path, 'checkpoints'))).toEqual([]);
    expect(await folder.readJson('results.json')).toEqual({ a: 1 });
    expect(await folder.has('results.json')).toBe(true);
    expect(await folder.has('checkpoints', 'ps1.safetensors')).toBe(false);
    // Taken over, as after minutes without a sign of life: it writes no more.
    writeFileSync(join(path, 'lock.json'), '{"token":"theirs"}');
    await expect(folder.writeJson('results.json', { a: 2 })).rejects.toThrow(FolderInUse);
    expect(await folder.readJson('results.json')).toEqual({ a: 1 });
  });

  it('refuses a folder without results, and leaves it as it is', async () => {
    mkdirSync(join(parent, 'mine'));
    writeFileSync(join(parent, 'mine', 'draft.partial'), 'keep');
    await expect(RunFolder.open(join(parent, 'mine'))).rejects.toThrow(/^There is no run to resume in \S+mine: .*\.$/);
    expect(readdirSync(join(parent, 'mine'))).toEqual(['draft.partial']);
    expect(existsSync(join(parent, 'nosuch'))).toBe(false);
  });
});

describe('what RunFolder writes', () => {
  it('JSON that reads back', async () => {
    const folder = await RunFolder.create(parent, 'quick');
    await folder.writeJson('results.json', { a: [1, null, 'é'] });
    expect(await folder.readJson('results.json')).toEqual({ a: [1, null, 'é'] });
    writeFileSync(folder.file('results.json'), '{"a":');
    await expect(folder.readJson('results.json')).rejects.toThrow(
      /results\.json is damaged and cannot be read; start a new run\.$/,
    );
  });

  it('CSV in the order of the keys, with its header also where there are no rows', async () => {
    const folder = await RunFolder.create(parent, 'quick');
    const text = () => readFileSync(folder.file('history.csv'), 'utf8');
    await folder.writeCsv('history.csv', ['epoch', 'loss'], []);
    expect(text()).toBe('epoch,loss\n');
    await folder.writeCsv(
      'history.csv',
      ['epoch', 'loss'],
      [
        { loss: 0.5, epoch: 1 },
        { loss: 1e-9, epoch: 2 },
      ],
    );
    expect(text()).toBe('epoch,loss\n1,0.5\n2,1e-9\n');
  });

  it('figures as SVG and PNG', async () => {
    const folder = await RunFolder.create(parent, 'quick');
    const figure = { name: 'curve', svg: '<svg/>', png: Uint8Array.of(1, 2) } as Figure;
    await folder.writeFigure(figure);
    expect(readFileSync(folder.file('figures', 'curve.svg'), 'utf8')).toBe('<svg/>');
    expect([...readFileSync(folder.file('figures', 'curve.png'))]).toEqual([1, 2]);
    expect(readdirSync(folder.file('figures'))).toHaveLength(2);
  });
});
