import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type JobsOptions, runJobs } from '../../../src/lab/jobs/run_jobs.ts';

/** Notes when it begins and ends and on which adapter, says how far it is, and ends with the code it is given; 'wait': when it is told to. */
const PROGRAM = `
import { writeFileSync } from 'node:fs';
const [folder, name, code] = process.argv.slice(2);
const note = (what) => writeFileSync(folder + '/' + name + '.' + what, process.env.WGRAD_ADAPTER_INDEX ?? '');
note('begun');
console.error('net: 40 %  epoch 1/2  loss 2.0');
if (code === '1') console.error('wgrad: It diverged.');
process.on('SIGTERM', () => { note('told'); process.exit(143); });
if (code === 'wait') setInterval(() => {}, 1000);
else setTimeout(() => { note('ended'); process.exit(Number(code)); }, 300);
`;

let folder: string;
let written = '';
let errors: string[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wgrad-jobs-'));
  writeFileSync(join(folder, 'program.mjs'), PROGRAM);
  written = '';
  errors = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    written += text;
    return true;
  });
  vi.spyOn(console, 'error').mockImplementation((line) => void errors.push(line));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

const never = new AbortController().signal;
function run(codes: readonly (number | 'wait')[], options: Partial<JobsOptions> = {}): Promise<number> {
  const jobs = codes.map((code, i) => ({ name: `job-${i}`, args: [folder, `${i}`, `${code}`] }));
  const program = [join(folder, 'program.mjs')];
  return runJobs(jobs, { title: 'all', atOnce: 2, adapters: [], signal: never, program, ...options });
}
const noted = (what: string) => readdirSync(folder).filter((name) => name.endsWith(`.${what}`));

describe('runJobs', () => {
  it('runs all, so many at a time, with their progress in one line', async () => {
    const before = process.listenerCount('exit');
    let most = 0;
    const watch = setInterval(() => {
      most = Math.max(most, noted('begun').length - noted('ended').length);
    }, 5);
    expect(await run([0, 0, 0, 0])).toBe(0);
    clearInterval(watch);
    expect(most).toBe(2);
    expect(noted('ended')).toHaveLength(4);
    expect(written).toMatch(/^all: \d+ % {2}0 of 4 done .*job-\d: 40 % epoch 1\/2/m);
    expect(written).toMatch(/all: 100 % {2}4 of 4 done/);
    expect(process.listenerCount('exit')).toBe(before);
  });

  it('gives each the adapter that the fewest run on', async () => {
    expect(await run([0, 0, 0, 0], { adapters: [3, 5], atOnce: 4 })).toBe(0);
    const taken = noted('begun').map((name) => readFileSync(join(folder, name), 'utf8'));
    expect(taken.sort()).toEqual(['3', '3', '5', '5']);
  });

  it('goes on where one fails, says why, and ends with 1', async () => {
    expect(await run([1, 0, 0])).toBe(1);
    expect(noted('ended')).toHaveLength(3);
    expect(errors).toEqual(['job-0: It diverged.']);
  });

  it.each([2, 75])('begins no other where one ends with %d', async (code) => {
    expect(await run([code, 0, 0, 0, 0, 0], { atOnce: 1 })).toBe(code);
    expect(noted('begun')).toHaveLength(1);
  });

  it('passes on that it is to stop, and waits', async () => {
    const controller = new AbortController();
    const ended = run(['wait', 'wait', 0], { signal: controller.signal });
    while (noted('begun').length < 2) await pause(20);
    await pause(200);
    controller.abort();
    expect(await ended).toBe(130);
    expect([noted('told').length, noted('begun').length]).toEqual([2, 2]);
  });
});
