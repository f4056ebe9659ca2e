import { existsSync } from 'node:fs';
import { defineConfig } from 'vitest/config';
import { SWIFTSHADER } from './test/browsers.ts';

export default defineConfig({
  test: {
    include: ['test/web/*.test.ts'],
    globalSetup: 'test/web/build_site.ts',
    // One browser at a time: its software driver keeps the cores busy.
    fileParallelism: false,
    testTimeout: 600_000,
    hookTimeout: 600_000,
    env: existsSync(SWIFTSHADER) ? { VK_DRIVER_FILES: SWIFTSHADER } : {},
  },
});
