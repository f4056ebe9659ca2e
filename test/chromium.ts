import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/** Where Debian's Chromium and others are. */
const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** A Chromium that is installed; undefined, said in a line, where there is none. */
export function findChromium(): string | undefined {
  const found = PLACES.find(existsSync);
  if (found === undefined) console.warn('No Chromium is installed: pages are not opened in these tests.');
  return found;
}

/** Opens a Chromium that asks nothing of any network. */
export function openChromium(executablePath: string): Promise<Browser> {
  const args = ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
  return chromium.launch({ executablePath, args });
}
