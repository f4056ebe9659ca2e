import { join } from 'node:path';
import { build } from 'vite';
import { findChromium, findFirefox } from '../browsers.ts';

/** Builds the page once for all tests, where a browser can open it. */
export async function setup(): Promise<void> {
  if (findChromium() === undefined && findFirefox() === undefined) return;
  await build({ configFile: join(import.meta.dirname, '../../web/vite.config.ts'), logLevel: 'error' });
}
