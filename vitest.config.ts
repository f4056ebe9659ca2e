import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // `npm run test:web`: they build the page and open it in a browser.
    exclude: ['test/web/**'],
    // The software driver already runs a kernel on every core, so two workers keep two cores busy.
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
