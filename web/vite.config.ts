import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { writeOfflinePage } from './build/offline_page.ts';
import { digitsPlugin, shadersPlugin } from './build/wgrad_plugin.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Summaries print the names of classes. */
const output = { keepNames: true };

export default defineConfig({
  root: here('.'),
  // Any path of any host.
  base: './',
  plugins: [
    shadersPlugin(),
    digitsPlugin(),
    {
      name: 'wgrad-offline',
      closeBundle: () => writeOfflinePage(here('dist/site'), here('dist/wgrad.html')),
      apply: 'build',
    },
  ],
  worker: { plugins: () => [shadersPlugin()], rolldownOptions: { output } },
  build: {
    outDir: here('dist/site'),
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: false,
    rolldownOptions: { output },
  },
});
