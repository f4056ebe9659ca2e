import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { UserError } from '../user_error.ts';

/** What of the host decides where data lies. */
export interface Environment {
  variables: Readonly<Record<string, string | undefined>>;
  platform: NodeJS.Platform;
  home: string;
}

/** A folder that may hold datasets, and who named it. */
export interface DataPlace {
  folder: string;
  namedBy: '--data-dir' | 'WGRAD_DATA' | 'cache';
}

export function hostEnvironment(): Environment {
  return { variables: process.env, platform: process.platform, home: homedir() };
}

/**
 * The folder for what was downloaded: on Windows under %LOCALAPPDATA%, on macOS under ~/Library/Caches, elsewhere under $XDG_CACHE_HOME or
 * ~/.cache. It need not exist.
 */
export function cacheFolder({ variables, platform, home }: Environment): string {
  if (platform === 'win32') return join(variables.LOCALAPPDATA || join(home, 'AppData', 'Local'), 'wgrad');
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'wgrad');
  // The XDG specification has relative paths ignored.
  const base = variables.XDG_CACHE_HOME;
  return join(base && isAbsolute(base) ? base : join(home, '.cache'), 'wgrad');
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
