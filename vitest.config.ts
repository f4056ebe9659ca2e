import { defineConfig, mergeConfig } from 'vitest/config';
import { PROGRAMS } from './test/programs.ts';

/** What all tests under Node.js have in common. */
export const shared = defineConfig({
  test: {
    // As many as cores; the software driver then computes in the worker's own thread, which spares it the hand-over of each small kernel.
    maxWorkers: 2,
    env: { LP_NUM_THREADS: '0' },
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});

export default mergeConfig(
  shared,
  defineConfig({
    test: {
      include: ['test/**/*.test.ts'],
      // `npm run test:web`: they build the page and open it in a browser. `npm run test:programs`: what takes long.
      exclude: ['test/web/**', ...PROGRAMS],
    },
  }),
);
