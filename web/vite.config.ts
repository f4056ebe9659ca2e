import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build, defineConfig, type UserConfig } from 'vite';
import { writeOfflinePage } from './build/offline_page.ts';
import { digitsPlugin, shadersPlugin } from './build/wgrad_plugin.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** whole: each of the two programs in one file; else what is first used later, such as the kernel desk, is loaded then. */
function page(outDir: string, whole: boolean): UserConfig {
  // Summaries print the names of classes.
  const rolldownOptions = { output: { keepNames: true, ...(whole && { codeSplitting: false }) } };
  return {
    root: here('.'),
    // Any path of any host.
    base: './',
    plugins: [shadersPlugin(), digitsPlugin()],
    worker: { format: whole ? 'iife' : 'es', plugins: () => [shadersPlugin()], rolldownOptions },
    build: { outDir, emptyOutDir: true, target: 'es2022', modulePreload: false, rolldownOptions },
  };
}

async function buildOfflinePage(): Promise<void> {
  const folder = here('dist/whole');
  await build({ configFile: false, logLevel: 'warn', ...page(folder, true) });
  writeOfflinePage(folder, here('dist/wgrad.html'));
  rmSync(folder, { recursive: true });
}

const { plugins = [], ...rest } = page(here('dist/site'), false);
export default defineConfig({
  ...rest,
  plugins: [...plugins, { name: 'wgrad-offline', closeBundle: buildOfflinePage, apply: 'build' }],
});
