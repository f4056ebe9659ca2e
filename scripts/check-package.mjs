// Packs the package as it would be published and has publint and arethetypeswrong look at it: what is exported must be there, with types that are found.
// Part of `npm run check`. Exit code 1 where one of them finds a fault.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The program that a package brings. @param {string} name @param {string} bin */
function program(name, bin) {
  const file = join(root, 'node_modules', name, 'package.json');
  const { bin: bins } = JSON.parse(readFileSync(file, 'utf8'));
  return join(dirname(file), typeof bins === 'string' ? bins : bins[bin]);
}

/** The fault in a package, or null. @param {string} name @param {string} bin @param {string[]} args */
function faultOf(name, bin, args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program(name, bin), ...args], {
    cwd: root,
    encoding: 'utf8',
  });
  return status === 0 ? null : `${bin}:\n${stdout}${stderr}`;
}

const folder = mkdtempSync(join(tmpdir(), 'wgrad-pack-'));
try {
  const cli = process.env.npm_execpath;
  const [npm, first] = cli === undefined ? ['npm', []] : [process.execPath, [cli]];
  const packed = execFileSync(npm, [...first, 'pack', '--json', '--pack-destination', folder], {
    cwd: root,
    encoding: 'utf8',
  });
  // What the build prints stands before the answer.
  const [{ filename, size, files }] = JSON.parse(packed.slice(packed.indexOf('[\n')));
  const tarball = join(folder, filename);
  const faults = [
    faultOf('publint', 'publint', ['run', tarball, '--strict']),
    // CommonJS gets the same modules by require(esm), which every supported Node.js has.
    faultOf('@arethetypeswrong/cli', 'attw', [
      tarball,
      '--ignore-rules',
      'cjs-resolves-to-esm',
      '--profile',
      'node16',
      '--no-emoji',
    ]),
  ].filter((fault) => fault !== null);
  for (const fault of faults) console.error(fault);
  console.log(
    `${filename}: ${files.length} files, ${(size / 1e6).toFixed(2)} MB packed; ${faults.length === 0 ? 'no faults' : 'faults above'}.`,
  );
  process.exitCode = faults.length === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
