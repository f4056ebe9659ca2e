import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/**
 * What Dawn answered: an adapter by name, none, or a failure told in one sentence.
 * @typedef {{ kind: 'found', name: string } | { kind: 'none' } | { kind: 'failed', problem: string }} AdapterAnswer
 */

/** A cold driver answers within a second; a minute means that it hangs. */
const TIMEOUT_MS = 60_000;

/**
 * Asks Dawn in a child process for an adapter and a device.
 * @param {string} [program] the program to ask, for tests
 * @returns {AdapterAnswer}
 */
export function askForAdapter(program = fileURLToPath(new URL('./adapter_probe.mjs', import.meta.url))) {
  const child = spawnSync(process.execPath, [program], {
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return readAnswer(child);
}

/**
 * Reads the outcome of the child process.
 * @param {{ status: number | null, signal: string | null, stdout: string, error?: Error }} child
 * @returns {AdapterAnswer}
 */
export function readAnswer(child) {
  const answer = parseAnswer(child.stdout ?? '');
  // An answer given before the end counts only if the process also came to its end by itself.
  if (child.error && 'code' in child.error && child.error.code === 'ETIMEDOUT') {
    return {
      kind: 'failed',
      problem: `Dawn did not answer within ${TIMEOUT_MS / 1000} seconds; the Vulkan driver seems to hang. ${otherDriver}`,
    };
  }
  if (child.error)
    return { kind: 'failed', problem: `Node.js could not be started to ask Dawn: ${child.error.message}.` };
  if (child.signal || child.status !== 0 || answer === null) {
    const how = child.signal ? `signal ${child.signal}` : `exit code ${child.status}`;
    return { kind: 'failed', problem: `Dawn crashed (${how}) while opening the Vulkan driver. ${otherDriver}` };
  }
  if (typeof answer.error === 'string')
    return {
      kind: 'failed',
      problem: `Dawn (npm package webgpu) failed: ${answer.error.replace(/\.?$/, '.')} Remove node_modules and run the same command again; if that does not help, \`npm run doctor\` says more.`,
    };
  return typeof answer.adapter === 'string' ? { kind: 'found', name: answer.adapter } : { kind: 'none' };
}

const otherDriver =
  'To try another driver, name its file in VK_DRIVER_FILES (the files lie in /usr/share/vulkan/icd.d), then run the same command again.';

/**
 * @param {string} stdout
 * @returns {{ adapter?: unknown, error?: unknown } | null}
 */
function parseAnswer(stdout) {
  const line = stdout.split('\n').find((text) => text.startsWith('{'));
  try {
    return line === undefined ? null : JSON.parse(line);
  } catch {
    return null;
  }
}
