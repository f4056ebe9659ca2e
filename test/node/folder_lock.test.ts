import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FolderInUse, FolderLock } from '../../src/node/folder_lock.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wgrad-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const file = () => join(folder, 'lock.json');
const read = () => JSON.parse(readFileSync(file(), 'utf8'));
/** The lock as a process of another machine would have written it. */
const asElsewhere = (changes: object = {}) =>
  writeFileSync(
    file(),
    JSON.stringify({ ...read(), token: 'theirs', machine: 'elsewhere', host: 'node7', ...changes }),
  );

/** A process that takes the lock and holds it until it is killed. */
async function holder() {
  const program = `
    const { FolderLock } = await import(${JSON.stringify(new URL('../../src/node/folder_lock.ts', import.meta.url).href)});
    await FolderLock.take(${JSON.stringify(folder)});
    console.log('held');
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program]);
  await once(child.stdout, 'data');
  return child;
}

describe('FolderLock', () => {
  it('keeps others out until it is released', async () => {
    const lock = await FolderLock.take(folder);
    const refused = await FolderLock.take(folder).catch((error) => error);
    expect(refused).toBeInstanceOf(FolderInUse);
    expect(refused.message).toContain(`in use by process ${process.pid} on `);
    lock.release();
    expect(readdirSync(folder)).toEqual([]);
    (await FolderLock.take(folder)).release();
  });

  it('is not left behind by a process that was killed, and is by one that lives', async () => {
    const child = await holder();
    await expect(FolderLock.take(folder)).rejects.toThrow(`in use by process ${child.pid} on `);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(existsSync(file())).toBe(true);
    const lock = await FolderLock.take(folder);
    expect(read().pid).toBe(process.pid);
    lock.release();
  });

  it('says so where it cannot be read, and does not try for ever', async () => {
    mkdirSync(join(folder, 'lock.json'));
    await expect(FolderLock.take(folder)).rejects.toThrow(/lock\.json cannot be read \(EISDIR\)/);
    rmSync(join(folder, 'lock.json'), { recursive: true });
  });

  it('knows a process by when it began: another one may have got its number', async () => {
    const first = await FolderLock.take(folder);
    writeFileSync(file(), JSON.stringify({ ...read(), token: 'theirs', started: '1' }));
    const second = await FolderLock.take(folder);
    await expect(first.check()).rejects.toThrow(FolderInUse);
    await second.check();
    first.release();
    await second.check();
    second.release();
  });

  it('of a holder on another machine believes the sign of life alone', async () => {
    const timing = { beat: 50, stale: 400 };
    const own = await FolderLock.take(folder);
    asElsewhere();
    const living = setInterval(() => asElsewhere(), 60);
    await expect(FolderLock.take(folder, timing)).rejects.toThrow('on node7');
    clearInterval(living);
    const began = performance.now();
    const lock = await FolderLock.take(folder, timing);
    // Waited for, as its last sign was new.
    expect(performance.now() - began).toBeGreaterThan(200);
    lock.release();
    asElsewhereFrom(own);
  });

  it('shows life itself', async () => {
    const lock = await FolderLock.take(folder, { beat: 30, stale: 400 });
    utimesSync(file(), 1, 1);
    await new Promise((resolve) => setTimeout(resolve, 200));
    const content = read();
    const other = await FolderLock.take(folder).catch((error) => error);
    expect(other).toBeInstanceOf(FolderInUse);
    expect(content.pid).toBe(process.pid);
    const { mtimeMs } = await import('node:fs').then(({ statSync }) => statSync(file()));
    expect(Date.now() - mtimeMs).toBeLessThan(60_000);
    lock.release();
  });

  it('goes to one alone of many that find a dead one', async () => {
    const first = await FolderLock.take(folder);
    writeFileSync(file(), JSON.stringify({ ...read(), token: 'theirs', started: '1' }));
    const all = await Promise.allSettled(Array.from({ length: 8 }, () => FolderLock.take(folder)));
    const won = all.filter(({ status }) => status === 'fulfilled') as PromiseFulfilledResult<FolderLock>[];
    expect(won).toHaveLength(1);
    await won[0].value.check();
    won[0].value.release();
    first.release();
    expect(readdirSync(folder)).toEqual([]);
  });
});

/** A lock whose file another process has replaced is let go without touching that one's. */
function asElsewhereFrom(lock: FolderLock): void {
  writeFileSync(file(), JSON.stringify({ token: 'theirs' }));
  lock.release();
  expect(read()).toEqual({ token: 'theirs' });
}
