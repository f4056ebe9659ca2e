// Compiles the sources into dist/, as the package has them, with the shaders' texts as a table for browsers and the programs of pages. `npm pack` runs it first.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { bundlePage } from './bundle_page.mjs';

const root = new URL('../', import.meta.url);
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');

rmSync(new URL('dist', root), { recursive: true, force: true });
const { status } = spawnSync(process.execPath, [tsc, '-p', fileURLToPath(new URL('tsconfig.build.json', root))], {
  stdio: 'inherit',
});
if (status !== 0) process.exit(status ?? 1);

const folder = new URL('shaders/', root);
const table = Object.fromEntries(
  readdirSync(folder)
    .filter((file) => file.endsWith('.wgsl'))
    .sort()
    .map((file) => [file.replace(/\.wgsl$/, ''), readFileSync(new URL(file, folder), 'utf8')]),
);
writeFileSync(
  new URL('dist/shaders.js', root),
  `import { DeviceError } from './runtime/errors.js';
const TEXTS = ${JSON.stringify(table, null, 1)};
export const shaders = (name) => {
  if (Object.hasOwn(TEXTS, name)) return TEXTS[name];
  throw new DeviceError(\`There is no shader shaders/\${name}.wgsl.\`);
};
`,
);
rmSync(new URL('dist/shaders.js.map', root), { force: true });

// Pages: what a browser runs, in one file each, and their looks.
for (const page of ['inspect']) {
  mkdirSync(new URL(`dist/view/${page}/`, root), { recursive: true });
  writeFileSync(
    new URL(`dist/view/${page}.js`, root),
    await bundlePage(fileURLToPath(new URL(`src/view/${page}/main.ts`, root))),
  );
  copyFileSync(new URL(`src/view/${page}/style.css`, root), new URL(`dist/view/${page}/style.css`, root));
}
