import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askForAdapter, readAnswer } from '../../../scripts/setup/adapter.mjs';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wgrad-adapter-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function askProgram(text: string) {
  const path = join(folder, 'program.mjs');
  writeFileSync(path, text);
  return askForAdapter(path);
}

describe('askForAdapter', () => {
  it('finds the adapter that these tests run on', () => {
    expect(askForAdapter()).toEqual({ kind: 'found', name: expect.stringMatching(/\w/) });
  });

  it('tells of no adapter', () => {
    expect(askProgram(`console.log('{"adapter":null}')`)).toEqual({ kind: 'none' });
  });

  it('outlives a driver that crashes, even one that had answered', () => {
    const answer = askProgram(
      `console.log('{"adapter":"shaky"}'); process.kill(process.pid, 'SIGSEGV'); setInterval(() => {}, 1000)`,
    );
    expect(answer).toMatchObject({ kind: 'failed', problem: expect.stringContaining('SIGSEGV') });
  });

  it('passes on why the package could not be loaded', () => {
    const answer = askProgram(`console.log('{"error":"GLIBC_9.9 not found"}')`);
    expect(answer).toMatchObject({ kind: 'failed', problem: expect.stringContaining('GLIBC_9.9 not found') });
  });

  it('does not take silence for an answer', () => {
    expect(askProgram('')).toMatchObject({ kind: 'failed', problem: expect.stringContaining('exit code 0') });
  });
});

describe('readAnswer', () => {
  it('says when the driver hangs', () => {
    const error = Object.assign(new Error('spawnSync node ETIMEDOUT'), { code: 'ETIMEDOUT' });
    const answer = readAnswer({ status: null, signal: 'SIGTERM', stdout: '', error });
    expect(answer).toMatchObject({ kind: 'failed', problem: expect.stringContaining('hang') });
  });
});
