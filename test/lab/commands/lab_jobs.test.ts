import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { main } from '../../../src/lab/cli/command_line.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wgrad-lab-jobs-'));
  vi.spyOn(console, 'log').mockReturnValue();
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
});
afterAll(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

const lab = (into: string, ...more: string[]) =>
  main([
    ...['lab', 'ps1', 'ps2', '--preset', 'smoke', '--data', 'mnist', '--max-per-class', '8', '--epochs', '1'],
    ...['--into', join(folder, into), ...more],
  ]);
const resultsOf = (into: string) => JSON.parse(readFileSync(join(folder, into, 'results.json'), 'utf8'));

describe('lab --jobs', () => {
  it('comes to what one process leaves, but for timings', async () => {
    expect(await lab('alone')).toBe(0);
    expect(await lab('parts', '--jobs', '2')).toBe(0);
    const [{ timings: _, ...parts }, { timings: __, ...alone }] = [resultsOf('parts'), resultsOf('alone')];
    expect(Object.keys(parts.trainings).length).toBeGreaterThan(1);
    expect(parts).toEqual(alone);
    expect(existsSync(join(folder, 'parts', 'parts'))).toBe(false);
  });

  it('is done before where it was made', async () => {
    const before = resultsOf('parts');
    expect(await lab('parts', '--jobs', '2')).toBe(0);
    expect(vi.mocked(console.log).mock.lastCall).toEqual([`${join(folder, 'parts')}: done before.`]);
    expect(resultsOf('parts')).toEqual(before);
  });
});
