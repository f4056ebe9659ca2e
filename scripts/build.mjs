// Compiles the sources into dist/, as the package has them, with the shaders' texts as a table for browsers. `npm pack` runs it first.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

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
