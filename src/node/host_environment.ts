import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** What of the host decides where data lies. */
export interface Environment {
  variables: Readonly<Record<string, string | undefined>>;
  platform: NodeJS.Platform;
  home: string;
}

/** The process's own variables, platform and home folder. */
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
