import { existsSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

/** Chromium's software driver: Node's engine runs on it as well, so that numbers are compared on one adapter. */
const SWIFTSHADER = '/usr/lib/chromium/vk_swiftshader_icd.json';

export default defineConfig({
  test: {
    include: ['test/web/*.test.ts'],
    // One browser at a time: its software driver keeps the cores busy.
    fileParallelism: false,
    testTimeout: 600_000,
    hookTimeout: 600_000,
    env: existsSync(SWIFTSHADER) ? { VK_DRIVER_FILES: SWIFTSHADER } : {},
  },
});
