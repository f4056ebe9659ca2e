import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sweepSchema, sweepTrainings } from '../../../src/lab/sweep/sweep_file.ts';
import { collectSweep, type SweepResults, trainingFolder } from '../../../src/lab/sweep/sweep_results.ts';
import { sweepStatus } from '../../../src/lab/sweep/sweep_status.ts';
import { clearFailure, noteFailure } from '../../../src/lab/sweep/training_failure.ts';
import { writeSafetensors } from '../../../src/nn/weights/safetensors.ts';
import { FolderLock } from '../../../src/node/folder_lock.ts';

const sweep = sweepSchema.parse({ base: { epochs: 4, width: 0.0625 }, seeds: [0, 1, 2, 3, 4] });
const trainings = sweepTrainings(sweep);
const names = trainings.map(({ name }) => name);

let path: string;
const locks: FolderLock[] = [];
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'wgrad-status-'));
});
afterEach(() => {
  for (const lock of locks.splice(0)) lock.release();
  rmSync(path, { recursive: true });
});

const folderOf = (i: number) => trainingFolder(path, names[i]);
function write(file: string, content: string | Uint8Array): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}
/** Leaves a checkpoint after so many epochs of 10 seconds, and a step of the next. */
function checkpoint(i: number, epochs: number): void {
  const position = { epoch: epochs, step: 1, epochSeconds: [...Array(epochs).fill(10), 3] };
  const bytes = writeSafetensors(new Map(), { position: JSON.stringify(position) }, { sealed: true });
  write(join(folderOf(i), 'checkpoints', 'x.safetensors'), bytes);
}
async function run(i: number): Promise<void> {
  mkdirSync(folderOf(i), { recursive: true });
  locks.push(await FolderLock.take(folderOf(i)));
}
/** A study's results in which the first training took 30 seconds. */
function withFirstDone(results: SweepResults): SweepResults {
  const timings = { trainingSeconds: 28, evaluationSeconds: 2, epochSeconds: [7, 7, 7, 7], imagesPerSecond: 1 };
  const training = { history: [1, 2, 3, 4] } as unknown as SweepResults['trainings'][string];
  return { ...results, trainings: { [names[0]]: training }, timings: { [names[0]]: timings } };
}

describe('sweepStatus', () => {
  it('knows nothing of a study that was not begun, not even the time, and makes no folder', async () => {
    rmSync(path, { recursive: true });
    const status = await sweepStatus(path, trainings, await collectSweep(path, sweep));
    expect(status.trainings.map(({ state }) => state)).toEqual(Array(5).fill('to do'));
    expect(status).toMatchObject({ running: 0, secondsLeft: null });
    mkdirSync(path);
    expect(readdirSync(path)).toEqual([]);
  });

  it('tells what is done, runs, failed, was stopped and is to do, and the time left', async () => {
    await run(1);
    checkpoint(1, 2);
    await noteFailure(folderOf(2), new Error('The disk is full.'));
    checkpoint(3, 1);
    const results = withFirstDone(await collectSweep(path, sweep));
    const status = await sweepStatus(path, trainings, results);
    const use = { host: hostname(), pid: process.pid, quietFor: expect.any(Number) };
    expect(status.trainings).toEqual([
      { name: names[0], state: 'done', epochs: { done: 4, of: 4 } },
      { name: names[1], state: 'running', epochs: { done: 2, of: 4 }, runs: use },
      { name: names[2], state: 'failed', epochs: { done: 0, of: 4 }, reason: 'The disk is full.' },
      { name: names[3], state: 'stopped', epochs: { done: 1, of: 4 } },
      { name: names[4], state: 'to do', epochs: { done: 0, of: 4 } },
    ]);
    // A training takes (30 + 40 + 40) / 3 seconds; left of four are 1/2, 1, 3/4 and 1, one at a time.
    expect(status.running).toBe(1);
    expect(status.secondsLeft).toBeCloseTo((110 / 3) * 3.25, 9);
    expect(readdirSync(folderOf(1)).sort()).toEqual(['checkpoints', 'lock.json']);
  });

  it('divides the time by what runs at once, and is not below the longest', async () => {
    const results = withFirstDone(await collectSweep(path, sweep));
    await run(1);
    await run(2);
    expect((await sweepStatus(path, trainings, results)).secondsLeft).toBeCloseTo(60, 9);
    await run(3);
    await run(4);
    expect((await sweepStatus(path, trainings, results)).secondsLeft).toBeCloseTo(30, 9);
  });

  it('tells a holder elsewhere by its last sign of life', async () => {
    const lock = join(folderOf(0), 'lock.json');
    write(lock, JSON.stringify({ token: 'x', machine: 'another', host: 'n2', pid: 1, started: '1' }));
    const results = await collectSweep(path, sweep);
    const [young] = (await sweepStatus(path, trainings, results)).trainings;
    expect(young).toMatchObject({ state: 'running', runs: { host: 'n2', pid: 1 } });
    const before = Date.now() / 1000 - 300;
    utimesSync(lock, before, before);
    expect((await sweepStatus(path, trainings, results)).trainings[0]).toMatchObject({ state: 'stopped' });
  });

  it('forgets why a training failed when it is begun again', async () => {
    await noteFailure(folderOf(0), new Error('Why.'));
    await clearFailure(folderOf(0));
    const results = await collectSweep(path, sweep);
    expect((await sweepStatus(path, trainings, results)).trainings[0].state).toBe('to do');
  });
});
