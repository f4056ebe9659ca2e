import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { cacheFolder, type Environment } from '../../node/host_environment.ts';
import { UserError } from '../../runtime/errors.ts';

/** A folder that may hold datasets, and who named it. */
export interface DataPlace {
  folder: string;
  namedBy: '--data-dir' | 'WGRAD_DATA' | 'cache';
}

/**
 * The folders to look in, first to last: `dataDir`, the one WGRAD_DATA names, the cache.
 *
 * @throws UserError where one that the user named is not a folder: a mistyped path must not end in a download.
 */
export async function dataPlaces(options: { dataDir?: string; environment: Environment }): Promise<DataPlace[]> {
  const places: DataPlace[] = [];
  const named = [
    ['--data-dir', options.dataDir],
    ['WGRAD_DATA', options.environment.variables.WGRAD_DATA],
  ] as const;
  for (const [namedBy, folder] of named) {
    if (!folder) continue;
    const found = await stat(folder).catch(() => undefined);
    if (!found?.isDirectory()) {
      const what = found ? 'is not a folder' : 'does not exist';
      throw new UserError(`${namedBy} names ${resolve(folder)}, which ${what}: name the folder that holds the data.`);
    }
    places.push({ folder: resolve(folder), namedBy });
  }
  places.push({ folder: cacheFolder(options.environment), namedBy: 'cache' });
  return places;
}

/** The places in words, for messages. */
export function listPlaces(places: readonly DataPlace[]): string {
  return places.map(({ folder, namedBy }) => (namedBy === 'cache' ? folder : `${folder} (${namedBy})`)).join(', ');
}
