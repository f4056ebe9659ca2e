import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openPlace, type RunPlace } from '../../../src/lab/run/run_place.ts';
import { FolderInUse } from '../../../src/node/folder_lock.ts';
import { UserError } from '../../../src/runtime/errors.ts';

const schema = z.object({ format: z.literal('test'), version: z.literal(1), all: z.boolean() });
const KIND = { format: 'test', version: 1, schema };
type Results = z.infer<typeof schema>;

let parent: string;
let into: string;
const opened: RunPlace<Results>[] = [];
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'wgrad-place-'));
  into = join(parent, 'a', 'run');
});
afterEach(() => {
  for (const { folder } of opened.splice(0)) folder?.release();
  rmSync(parent, { recursive: true });
});

const write = (all: unknown) => {
  mkdirSync(into, { recursive: true });
  writeFileSync(join(into, 'results.json'), JSON.stringify({ format: 'test', version: 1, all }));
};
async function open(given: { resume?: string; into?: string }, isDone = ({ all }: Results) => all) {
  const place = await openPlace<Results>(given, KIND, isDone);
  opened.push(place);
  return place;
}
const isLocked = () => existsSync(join(into, 'lock.json'));

describe('openPlace', () => {
  it('leaves the folder to be made where none is named', async () => {
    expect(await open({})).toEqual({ done: false });
  });

  it('makes and locks the folder of a run that begins', async () => {
    const { folder, earlier, done } = await open({ into });
    expect([folder?.path, earlier, done, isLocked()]).toEqual([into, undefined, false, true]);
    await expect(open({ into })).rejects.toThrow(FolderInUse);
    await expect(open({ into })).rejects.toThrow(`${into} is in use by process ${process.pid} on `);
  });

  it('goes on with what is there, and clears what was half-written', async () => {
    write(false);
    writeFileSync(join(into, 'x.partial'), '');
    expect(await open({ into })).toMatchObject({ earlier: { all: false }, done: false });
    expect([isLocked(), existsSync(join(into, 'x.partial'))]).toEqual([true, false]);
  });

  it('says that all is done, also where another process works there', async () => {
    write(false);
    await open({ into });
    write(true);
    expect(await open({ into })).toEqual({ done: true });
  });

  it('notices what was finished while it waited for the lock, and lets the folder go', async () => {
    write(false);
    let asked = 0;
    expect(await open({ into }, () => ++asked === 2)).toEqual({ done: true });
    expect(isLocked()).toBe(false);
  });

  it('lets the folder go where what is there cannot be used', async () => {
    write('?');
    await expect(open({ into })).rejects.toThrow('not that of a run of this version');
    await expect(open({ resume: into })).rejects.toThrow('not that of a run of this version');
    write(false);
    const refuse = () => {
      throw new UserError('Another run.');
    };
    await expect(open({ into }, refuse)).rejects.toThrow('Another run.');
    expect(isLocked()).toBe(false);
  });

  it('asks nothing of a run that is resumed', async () => {
    write(true);
    expect(await open({ resume: into })).toMatchObject({ earlier: { all: true }, done: false });
    await expect(open({ resume: parent })).rejects.toThrow('There is no run to resume');
  });
});
