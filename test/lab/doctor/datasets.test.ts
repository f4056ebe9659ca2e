import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { surveyDatasets } from '../../../src/lab/doctor/datasets.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wgrad-datasets-'));
  mkdirSync(join(folder, 'data'));
  vi.stubEnv('WGRAD_DATA', join(folder, 'data'));
  vi.stubEnv('XDG_CACHE_HOME', join(folder, 'cache'));
  vi.stubEnv('LOCALAPPDATA', join(folder, 'cache'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

async function cifar10() {
  const { folderProblem, datasets } = await surveyDatasets();
  return { folderProblem, ...datasets.find(({ name }) => name === 'cifar10') };
}

describe('surveyDatasets', () => {
  it('always finds the digits that come with the program', async () => {
    const { datasets } = await surveyDatasets();
    expect(datasets.find(({ name }) => name === 'mnist')).toMatchObject({ found: true, damaged: false, problem: null });
  });

  it('calls data that are nowhere missing, not damaged', async () => {
    expect(await cifar10()).toMatchObject({ folderProblem: null, found: false, damaged: false });
    vi.stubEnv('WGRAD_DATA', '');
    mkdirSync(join(folder, 'cache', 'wgrad'), { recursive: true });
    expect(await cifar10()).toMatchObject({ found: false, damaged: false });
  });

  it('calls data that are there in part damaged, and names the place', async () => {
    const place = join(folder, 'data', 'cifar-10-batches-bin');
    mkdirSync(place);
    writeFileSync(join(place, 'data_batch_1.bin'), 'short');
    expect(await cifar10()).toMatchObject({ found: false, damaged: true, where: place, problem: expect.any(String) });
  });

  it('says that a folder which the user named does not exist', async () => {
    vi.stubEnv('WGRAD_DATA', join(folder, 'mistyped'));
    const { folderProblem, found, damaged } = await cifar10();
    expect(folderProblem).toContain('mistyped');
    expect({ found, damaged }).toEqual({ found: false, damaged: false });
  });
});
