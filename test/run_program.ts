import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Runs a program in a process of its own, with the sources in place of the package, which a clone has not built. */
export function runProgram(
  args: readonly string[],
  { timeout = 110_000, env = {} }: { timeout?: number; env?: NodeJS.ProcessEnv } = {},
) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--conditions=wgrad-source', '--import', 'tsx', ...args],
    { cwd: root, encoding: 'utf8', timeout, env: { ...process.env, ...env } },
  );
  return { status, stdout, stderr: stderr.replace(/^Warning: max.*\n/gm, '') };
}
