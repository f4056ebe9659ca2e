import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wgrad-imports-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What the part of `npm run check` that looks at imports says of a house of these files. */
function check(name: string, files: Record<string, string>): { status: number | null; stdout: string } {
  const house = join(folder, name);
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(house, file)), { recursive: true });
    writeFileSync(join(house, file), text);
  }
  for (const file of ['.dependency-cruiser.mjs', 'tsconfig.json', 'package.json'])
    cpSync(join(root, file), join(house, file));
  symlinkSync(join(root, 'node_modules'), join(house, 'node_modules'));
  const program = join(root, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruise.mjs');
  const { status, stdout } = spawnSync(process.execPath, [program, '--config', '.dependency-cruiser.mjs', 'src'], {
    cwd: house,
    encoding: 'utf8',
  });
  return { status, stdout };
}

const HOUSE = {
  'src/runtime/gpu.ts': 'export interface Gpu {\n  name: string;\n}\n',
  'src/kernels/add.ts': "import type { Gpu } from '../runtime/gpu.ts';\nexport const add = (gpu: Gpu) => gpu.name;\n",
  'src/metrics/accuracy.ts': 'export const accuracy = 1;\n',
  'src/node/files.ts': "import { readFileSync } from 'node:fs';\nexport const read = readFileSync;\n",
  'src/data/batches.ts': "import { z } from 'zod';\nexport const batches = z.number();\n",
  'src/data/sources/mnist.ts': "import { read } from '../../node/files.ts';\nexport const mnist = read;\n",
  'src/train/trainer.ts': "import { batches } from '../data/batches.ts';\nexport const train = batches;\n",
  'src/lab/run/run.ts': "import { train } from '../../train/trainer.ts';\nexport const run = train;\n",
  'src/lab/experiments/ps1.ts': "import { run } from '../run/run.ts';\nexport const ps1 = run;\n",
};

it('lets a house stand whose imports go down', () => {
  const { status, stdout } = check('good', HOUSE);
  expect(stdout).toContain('no dependency violations found (');
  expect(status).toBe(0);
});

it.each([
  [
    'upward-import',
    'src/runtime/gpu.ts',
    "export type { add } from '../kernels/add.ts';\nexport type Gpu = { name: string };\n",
  ],
  ['upward-import', 'src/train/trainer.ts', "export { run as train } from '../lab/run/run.ts';\n"],
  ['upward-import', 'src/metrics/accuracy.ts', "export { add as accuracy } from '../kernels/add.ts';\n"],
  ['upward-import', 'src/data/batches.ts', "export { train as batches } from '../train/trainer.ts';\n"],
  ['upward-import', 'src/data/batches.ts', "export { read as batches } from '../node/files.ts';\n"],
  ['upward-import', 'src/lab/run/run.ts', "export { ps1 as run } from '../experiments/ps1.ts';\n"],
  ['upward-import', 'src/node/files.ts', "export { mnist as read } from '../data/sources/mnist.ts';\n"],
  [
    'circle',
    'src/kernels/add.ts',
    "export { add } from './other.ts';\n",
    'src/kernels/other.ts',
    "import type { add as a } from './add.ts';\nexport const add = 1;\nexport type A = typeof a;\n",
  ],
  ['files-in-a-browser', 'src/train/trainer.ts', "export { mnist as train } from '../data/sources/mnist.ts';\n"],
  ['node-in-a-browser', 'src/data/batches.ts', "export { readFileSync as batches } from 'node:fs';\n"],
  ['node-in-a-browser', 'src/kernels/add.ts', "export { PNG as add } from 'pngjs';\n"],
  ['unresolved', 'src/kernels/add.ts', "export { add } from './nowhere.ts';\n"],
])('refuses %s in %s', (rule, file, text, other = '', otherText = '') => {
  const changed = { ...HOUSE, [file]: text, ...(other ? { [other]: otherText } : {}) };
  const { status, stdout } = check(`${rule}-${file}-${text.length}`.replaceAll(/[^\w-]/g, '_'), changed);
  expect(stdout).toMatch(new RegExp(`error ${rule}: ${file.replaceAll('.', '\\.')} → `));
  expect(status).not.toBe(0);
});
