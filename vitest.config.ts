import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // `npm run test:web`: they build the page and open it in a browser.
    exclude: ['test/web/**'],
    // As many as cores; the software driver then computes in the worker's own thread, which spares it the hand-over of each small kernel.
    maxWorkers: 2,
    env: { LP_NUM_THREADS: '0' },
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
