import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/** Where Debian's Chromium and others are. */
const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Chromium's software driver: Node's engine runs on it as well, so that numbers are compared on one adapter. */
export const SWIFTSHADER = '/usr/lib/chromium/vk_swiftshader_icd.json';

/** A Chromium that is installed; undefined, said in a line, where there is none. */
export function findChromium(): string | undefined {
  const found = PLACES.find(existsSync);
  if (found === undefined) console.warn('No Chromium is installed: pages are not opened in these tests.');
  return found;
}

/** A Firefox that is installed; undefined, said in a line, where there is none. */
export function findFirefox(): string | undefined {
  const found = ['/usr/bin/firefox-esr', '/usr/bin/firefox'].find(existsSync);
  if (found === undefined) console.warn('No Firefox is installed: the live page is opened in Chromium alone.');
  return found;
}

/** Opens a Chromium that has WebGPU and asks nothing of any network. */
export function openChromium(executablePath: string): Promise<Browser> {
  const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync'];
  const args = ['--no-sandbox', '--enable-unsafe-webgpu', ...quiet];
  return chromium.launch({ executablePath, args });
}
