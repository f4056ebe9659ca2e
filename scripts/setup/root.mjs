import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** How commands run that only root may: directly, through sudo without a password, or not at all. @typedef {'root' | 'sudo' | 'no'} Rights */

/** @returns {Rights} */
export function findRights() {
  if (process.getuid?.() === 0) return 'root';
  return isProgram('sudo') && spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0 ? 'sudo' : 'no';
}

/**
 * Runs a command as root, keeping its output, which is shown only when it fails.
 * @param {string[]} command
 * @param {'root' | 'sudo'} rights
 * @param {string} [input]
 */
export function runAsRoot(command, rights, input) {
  // One package run at a time: wait for one that is under way, as right after a machine's start. English, so that its lines can be read.
  const waiting =
    command[0] === 'apt-get' ? [command[0], '-o', 'DPkg::Lock::Timeout=120', ...command.slice(1)] : command;
  const settings = ['DEBIAN_FRONTEND=noninteractive', 'LC_ALL=C.UTF-8'];
  const [program, ...args] = [...(rights === 'sudo' ? ['sudo', '-n'] : []), 'env', ...settings, ...waiting];
  const result = spawnSync(program, args, { encoding: 'utf8', input: input ?? '', maxBuffer: 64 * 2 ** 20 });
  const output = `${result.stdout ?? ''}\n${result.stderr ?? ''}\n${result.error?.message ?? ''}`;
  return { status: result.status ?? result.signal ?? 'none', output };
}

/**
 * @param {string} path
 * @param {string} text
 * @param {'root' | 'sudo'} rights
 */
export function writeAsRoot(path, text, rights) {
  if (rights === 'sudo') return runAsRoot(['tee', path], rights, text);
  try {
    writeFileSync(path, text, { mode: 0o644 });
    return { status: 0, output: '' };
  } catch (error) {
    return { status: 1, output: error instanceof Error ? error.message : String(error) };
  }
}

/**
 * @param {string} path
 * @param {'root' | 'sudo'} rights
 */
export function removeAsRoot(path, rights) {
  if (rights === 'sudo') runAsRoot(['rm', '-f', path], rights);
  else rmSync(path, { force: true });
}

/**
 * Whether a program of this name is on the PATH.
 * @param {string} name
 */
export function isProgram(name) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => folder !== '' && existsSync(join(folder, name)));
}
