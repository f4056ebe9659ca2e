import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { DatasetName } from '../../../src/data/image_dataset.ts';
import { DatasetUnavailable } from '../../../src/data/sources/dataset_unavailable.ts';
import { type LoadOptions, loadDataset } from '../../../src/data/sources/load_dataset.ts';
import { checkData, chooseDataset, recordedData } from '../../../src/lab/commands/choose_dataset.ts';
import { UserError } from '../../../src/runtime/errors.ts';
import { writeImage } from '../../data/sources/own/made_images.ts';

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

  it('refuses what is for images of one’s own alone', async () => {
    for (const [option, name] of [
      [{ imageSize: 64 }, '--image-size'],
      [{ testShare: 0.1 }, '--test-share'],
      [{ skipDamaged: true }, '--skip-damaged'],
    ] as const) {
      await expect(chooseDataset({ name: 'mnist', ...option, say })).rejects.toThrow(
        `${name} is for images of your own; mnist is as it is.`,
      );
    }
  });

  it('mirrors no image where it is told not to', async () => {
    expect((await chooseDataset({ name: 'mnist', say })).keeps).toMatchObject({ mirror: false, colour: true });
    const load = async () => ({ ...(await loadDataset('mnist')), keeps: undefined });
    const name = 'fashion-mnist';
    expect((await chooseDataset({ name, say, load })).keeps).toBeUndefined();
    expect((await chooseDataset({ name, mirror: false, say, load })).keeps).toEqual({
      mirror: false,
      rotation: true,
      colour: true,
    });
  });

  it('reads images of one’s own, with progress, and says what is to be known of them', async () => {
    vi.stubEnv('XDG_CACHE_HOME', join(folder, 'cache'));
    for (const file of ['a/0.png', 'a/1.png', 'b/0.png', 'b/1.png', 'c/0.png'])
      await writeImage(join(folder, 'own', file), 'red');
    writeFileSync(join(folder, 'own', 'a', 'notes.txt'), '');
    const dataset = await chooseDataset({ name: join(folder, 'own'), imageSize: 16, say });
    expect(dataset).toMatchObject({ name: 'own', height: 16, classNames: ['a', 'b', 'c'] });
    expect(said).toEqual([
      'Passed over 1 file that is no image: a/notes.txt.',
      '1 class has no test images, so nothing is known of how well they are told: c.',
    ]);
    expect(progress).toMatch(/decoding: .*5 of 5 images/);
  });
});

describe('checkData', () => {
  it('refuses what is neither a name nor there', () => {
    for (const name of [undefined, 'cifar100', folder]) expect(() => checkData(name)).not.toThrow();
    expect(() => checkData('nosuch')).toThrow(
      'There is no data set "nosuch": choose one of cifar10, cifar100, cifar100-coarse, mnist, fashion-mnist, or say where images of your own are',
    );
  });
});

describe('recordedData', () => {
  it('is a name as it is, and a path from the root', () => {
    expect(recordedData('mnist')).toBe('mnist');
    expect(recordedData('images')).toBe(resolve('images'));
  });
});
