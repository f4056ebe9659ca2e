import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dataPlaces, listPlaces } from '../../../src/data/sources/data_places.ts';
import { cacheFolder } from '../../../src/node/host_environment.ts';
import { UserError } from '../../../src/runtime/errors.ts';
import { temporaryPlace } from './synthetic_cifar.ts';

describe('cacheFolder', () => {
  const home = resolve('/home/user');
  it.each([
    ['linux', {}, join(home, '.cache', 'wgrad')],
    ['linux', { XDG_CACHE_HOME: resolve('/big/cache') }, join(resolve('/big/cache'), 'wgrad')],
    ['linux', { XDG_CACHE_HOME: 'relative' }, join(home, '.cache', 'wgrad')],
    ['linux', { XDG_CACHE_HOME: '' }, join(home, '.cache', 'wgrad')],
    ['darwin', { XDG_CACHE_HOME: resolve('/big/cache') }, join(home, 'Library', 'Caches', 'wgrad')],
    ['win32', { LOCALAPPDATA: 'C:\\local' }, join('C:\\local', 'wgrad')],
    ['win32', {}, join(home, 'AppData', 'Local', 'wgrad')],
  ] as const)('on %s with %j', (platform, variables, expected) => {
    expect(cacheFolder({ platform, variables, home })).toBe(expected);
  });
});

describe('dataPlaces', () => {
  let place: Awaited<ReturnType<typeof temporaryPlace>>;
  beforeEach(async () => {
    place = await temporaryPlace();
  });
  afterEach(() => place.remove());

  it('gives --data-dir, WGRAD_DATA and the cache, in this order, as absolute paths', async () => {
    const given = join(place.folder, 'given');
    const variable = join(place.folder, 'variable');
    await mkdir(given);
    await mkdir(variable);
    const environment = {
      ...place.environment,
      variables: { ...place.environment.variables, WGRAD_DATA: relative('.', variable) },
    };
    const places = await dataPlaces({ dataDir: relative('.', given), environment });
    const cache = join(place.folder, 'cache', 'wgrad');
    expect(places).toEqual([
      { folder: given, namedBy: '--data-dir' },
      { folder: variable, namedBy: 'WGRAD_DATA' },
      { folder: cache, namedBy: 'cache' },
    ]);
    expect(listPlaces(places)).toBe(`${given} (--data-dir), ${variable} (WGRAD_DATA), ${cache}`);
  });

  it('refuses a --data-dir or WGRAD_DATA that is not a folder', async () => {
    const file = join(place.folder, 'file');
    await writeFile(file, '');
    const missing = join(place.folder, 'missing');
    const { environment } = place;
    await expect(dataPlaces({ dataDir: missing, environment })).rejects.toThrow(UserError);
    await expect(dataPlaces({ dataDir: missing, environment })).rejects.toThrow(
      `--data-dir names ${missing}, which does not exist`,
    );
    const variables = { ...environment.variables, WGRAD_DATA: file };
    await expect(dataPlaces({ environment: { ...environment, variables } })).rejects.toThrow(
      `WGRAD_DATA names ${file}, which is not a folder`,
    );
  });
});
