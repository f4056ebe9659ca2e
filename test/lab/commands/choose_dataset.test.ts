import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { DatasetName } from '../../../src/data/image_dataset.ts';
import { DatasetUnavailable } from '../../../src/data/sources/dataset_unavailable.ts';
import { type LoadOptions, loadDataset } from '../../../src/data/sources/load_dataset.ts';
import { chooseDataset } from '../../../src/lab/commands/choose_dataset.ts';
import { UserError } from '../../../src/runtime/errors.ts';

let folder: string;
let said: string[];
let progress: string;
const say = (line: string) => void said.push(line);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wgrad-choose-'));
});
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => {
  said = [];
  progress = '';
  vi.stubEnv('WGRAD_DATA', '');
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    progress += text;
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

/** Reads sets as `loadDataset` does, but CIFAR-10 is not to be had. */
async function withoutCifar10(name: DatasetName, options?: LoadOptions) {
  if (name === 'cifar10') {
    options?.onProgress?.(17_000_000, 170_000_000);
    throw new DatasetUnavailable('The server cannot be reached.');
  }
  return loadDataset(name, options);
}

describe('chooseDataset', () => {
  it('goes on with the embedded digits, in one line, where CIFAR-10 cannot be had', async () => {
    const dataset = await chooseDataset({ say, load: withoutCifar10 });
    expect(dataset).toMatchObject({ name: 'mnist', height: 32, width: 32, channels: 3 });
    expect(said).toEqual([
      'CIFAR-10 is not at hand and cannot be downloaded here; going on with the embedded MNIST digits.',
    ]);
    expect(progress).toMatch(/^cifar10: 10 % {2}17 of 170 MB\n$/);
  });

  it('takes no other set than the one asked for', async () => {
    await expect(chooseDataset({ name: 'cifar10', say, load: withoutCifar10 })).rejects.toThrow(DatasetUnavailable);
    expect(said).toEqual([]);
    expect((await chooseDataset({ name: 'mnist', say, load: withoutCifar10 })).name).toBe('mnist');
    expect(progress).toContain('cifar10');
  });

  it('does not go on where CIFAR-10 is there and damaged', async () => {
    writeFileSync(join(folder, 'data_batch_1.bin'), 'too short');
    const error = await chooseDataset({ dataDir: folder, say }).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(UserError);
    expect(error).not.toBeInstanceOf(DatasetUnavailable);
    expect(said).toEqual([]);
  });

  it('passes a stop on', async () => {
    const signal = AbortSignal.abort();
    const load = () => Promise.reject(signal.reason);
    const error = await chooseDataset({ signal, say, load }).catch((thrown) => thrown);
    expect(error).toBe(signal.reason);
  });

  it('ends the bar of a download that breaks, so that the process can end', async () => {
    const isTTY = Object.getOwnPropertyDescriptor(process.stderr, 'isTTY');
    Object.defineProperty(process.stderr, 'isTTY', { value: true, configurable: true });
    try {
      await chooseDataset({ say, load: withoutCifar10 });
    } finally {
      if (isTTY) Object.defineProperty(process.stderr, 'isTTY', isTTY);
      else Reflect.deleteProperty(process.stderr, 'isTTY');
    }
    expect(progress).toMatch(/^\rcifar10 [█░]+ 17 of 170 MB {2}10 %/);
    expect(progress.match(/\n/g)).toHaveLength(1);
    expect(progress.endsWith('\n')).toBe(true);
  });
});
