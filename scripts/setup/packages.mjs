import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * One package as a lock file lists it.
 * @typedef {{ version?: string, integrity?: string, optional?: boolean, link?: boolean, os?: string[], cpu?: string[] }} LockedPackage
 */
/** @typedef {{ packages: Record<string, LockedPackage> }} LockFile */
/** @typedef {{ os: string, cpu: string, exists: (path: string) => boolean }} Machine */

/**
 * Compares what the lock file names with what npm noted in node_modules. The contents are compared and not the times of the files, so
 * a lock file that was only touched, or checked out again, reinstalls nothing, and a changed one always does.
 *
 * @param {LockFile} lock package-lock.json
 * @param {LockFile | null} installed node_modules/.package-lock.json, null when there is none
 * @param {Machine} machine `os` and `cpu` in Node's names; `exists` answers for a path relative to the project
 * @returns {string | null} why the packages must be installed, or null when all are there
 */
export function reasonToInstall(lock, installed, machine) {
  if (installed === null) return 'node_modules is missing or incomplete';
  for (const [path, wanted] of Object.entries(lock.packages)) {
    if (path === '' || wanted.link) continue;
    const found = installed.packages[path];
    // npm leaves out optional packages that are for other systems.
    if (!found && wanted.optional) continue;
    if (!found) return `${packageName(path)} is not installed`;
    if (found.version !== wanted.version) {
      return `${packageName(path)} is ${found.version} and package-lock.json names ${wanted.version}`;
    }
    if (found.integrity && wanted.integrity && found.integrity !== wanted.integrity) {
      return `${packageName(path)} differs from the one package-lock.json names`;
    }
  }
  for (const [path, found] of Object.entries(installed.packages)) {
    if (!allows(found.os, machine.os) || !allows(found.cpu, machine.cpu)) {
      return 'node_modules was installed on another kind of machine';
    }
    if (!found.link && !machine.exists(`${path}/package.json`)) return `${packageName(path)} is not installed`;
  }
  return null;
}

/** @param {string} path */
function packageName(path) {
  return path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
}

/**
 * npm's rule for `os` and `cpu`: a list of names, or of names not wanted with a leading '!'.
 * @param {string[] | undefined} list
 * @param {string} value
 */
function allows(list, value) {
  if (!list || list.length === 0) return true;
  if (list.includes(`!${value}`)) return false;
  return list.includes(value) || list.every((entry) => entry.startsWith('!'));
}

/**
 * Installs the packages of the lock file where they are not all there.
 *
 * @param {string} root the project's folder
 * @param {(line: string) => void} say
 * @returns {string | null} one sentence on what failed, or null
 */
export function installPackages(root, say) {
  const lock = readLock(join(root, 'package-lock.json'));
  if (lock === null) {
    return `${join(root, 'package-lock.json')} cannot be read: restore it from version control, then run the same command again.`;
  }
  const installed = readLock(join(root, 'node_modules', '.package-lock.json'));
  const machine = {
    os: process.platform,
    cpu: process.arch,
    exists: (/** @type {string} */ path) => existsSync(join(root, path)),
  };
  const reason = reasonToInstall(lock, installed, machine);
  if (reason === null) return null;

  say(`Installing the npm packages with \`npm ci\`, because ${reason}.`);
  // tsx, vitest and the compiler are development packages, which NODE_ENV=production would leave out.
  const result = runNpm(['ci', '--include=dev'], root);
  if (result.status === 0) return null;
  const how = result.error ? result.error.message : `exit code ${result.status ?? result.signal}`;
  return `\`npm ci\` failed (${how}), as its own lines above say: mend that (is the machine offline?), then run the same command again.`;
}

/**
 * @param {string} path
 * @returns {LockFile | null}
 */
function readLock(path) {
  try {
    const lock = JSON.parse(readFileSync(path, 'utf8'));
    return lock && typeof lock.packages === 'object' && lock.packages !== null ? lock : null;
  } catch {
    return null;
  }
}

/**
 * Runs npm by the running Node.js, with the npm that started this script where there is one.
 * @param {string[]} args
 * @param {string} cwd
 */
function runNpm(args, cwd) {
  const cli = process.env.npm_execpath;
  if (cli && /npm-cli\.[cm]?js$/.test(cli)) {
    return spawnSync(process.execPath, [cli, ...args], { cwd, stdio: 'inherit' });
  }
  // On Windows npm is a command script, which only a shell can start.
  return spawnSync('npm', args, { cwd, stdio: 'inherit', shell: process.platform === 'win32' });
}
