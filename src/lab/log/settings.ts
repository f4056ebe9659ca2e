import type { Settings } from './training_log.ts';

/** A configuration as names and numbers: what is not set is left out, and lists are JSON. */
export function settingsOf(values: object): Settings {
  const set = Object.entries(values).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(
    set.map(([name, value]) => [name, typeof value === 'object' ? JSON.stringify(value) : value]),
  );
}
