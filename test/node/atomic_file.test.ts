import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { makeFolder, makeNewFolder, writeFileAtomically } from '../../src/node/atomic_file.ts';
import { UserError } from '../../src/runtime/errors.ts';

/** In place of what is drawn for the next name of a file, where a test has to know it. */
const drawn = vi.hoisted(() => ({ next: undefined as string | undefined }));
vi.mock('node:crypto', async (original) => {
  const { randomUUID } = await original<typeof import('node:crypto')>();
  return { randomUUID: () => drawn.next ?? randomUUID() };
});

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wgrad-atomic-'));
  path = join(folder, 'file');
});
afterEach(() => {
  drawn.next = undefined;
  rmSync(folder, { recursive: true });
});

describe('writeFileAtomically', () => {
  it('writes text and bytes, also over an older file, and leaves nothing beside it', async () => {
    await writeFileAtomically(path, 'a long first text');
    await writeFileAtomically(path, 'é');
    expect(readFileSync(path, 'utf8')).toBe('é');
    await writeFileAtomically(path, Uint8Array.of(0, 255));
    expect([...readFileSync(path)]).toEqual([0, 255]);
    expect(readdirSync(folder)).toEqual(['file']);
  });

  it.runIf(existsSync('/dev/full'))('says that the disk is full and keeps the older file', async () => {
    await writeFileAtomically(path, 'old');
    // Writing to this device fails as on a full disk.
    drawn.next = 'known';
    symlinkSync('/dev/full', `${path}.known.partial`);
    const error = await writeFileAtomically(path, 'new').catch((thrown) => thrown);
    expect(error).toBeInstanceOf(UserError);
    expect(error.message).toBe(
      `The disk is full: ${path} could not be written; free some space and go on with --resume.`,
    );
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['file']);
  });

  it('is whole to whoever reads it while several write it', async () => {
    const texts = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(1_000_000));
    await writeFileAtomically(path, texts[0]);
    let writing = true;
    const writers = Promise.all(texts.map((text) => writeFileAtomically(path, text))).finally(() => {
      writing = false;
    });
    while (writing) {
      expect(texts.includes(readFileSync(path, 'utf8'))).toBe(true);
      await new Promise(setImmediate);
    }
    await writers;
    expect(readdirSync(folder)).toEqual(['file']);
  });

  it('keeps what is in its way where that cannot be replaced', async () => {
    mkdirSync(path);
    await expect(writeFileAtomically(path, 'new')).rejects.toThrow();
    expect(readdirSync(folder)).toEqual(['file']);
  });

  it('says that the folder is gone', async () => {
    await expect(writeFileAtomically(join(folder, 'gone', 'file'), 'x')).rejects.toThrow(
      /^\S+ cannot be written, as its folder is gone; start a new run\.$/,
    );
  });
});

describe('makeFolder and makeNewFolder', () => {
  it('make folders; the latter says whether there was none', async () => {
    await makeFolder(join(folder, 'a', 'b'));
    await makeFolder(join(folder, 'a', 'b'));
    expect(await makeNewFolder(join(folder, 'a', 'b'))).toBe(false);
    expect(await makeNewFolder(join(folder, 'a', 'c'))).toBe(true);
    expect(readdirSync(join(folder, 'a'))).toEqual(['b', 'c']);
  });

  it('refuse what a file stands in the way of, or the system forbids', async () => {
    writeFileSync(path, '');
    await expect(makeFolder(path)).rejects.toThrow(UserError);
    await expect(makeFolder(join(path, 'below'))).rejects.toThrow(/as part of that path is a file/);
    await expect(makeNewFolder(join(path, 'below'))).rejects.toThrow(UserError);
  });
});
