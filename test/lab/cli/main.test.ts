import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runProgram } from '../../run_program.ts';

const main = fileURLToPath(new URL('../../../src/lab/cli/main.ts', import.meta.url));

it.skipIf(process.platform === 'win32')('ends in silence where whoever reads has had enough', () => {
  // Closed before the first line is written.
  const command = `"${process.execPath}" --import tsx "${main}" --help | true; echo "\${PIPESTATUS[0]}"`;
  const { stdout, stderr } = spawnSync('bash', ['-c', command], { encoding: 'utf8' });
  expect([stdout.trim(), stderr]).toEqual(['0', '']);
});

/** Runs a command line in whose process something fails that no command waits for. */
function withFault(fault: string, ...args: string[]) {
  const preload = `const waiting = setInterval(() => {
    if (process.listenerCount('uncaughtException') === 0) return;
    clearInterval(waiting);
    ${fault};
  }, 5);`;
  return runProgram(['--import', `data:text/javascript,${encodeURIComponent(preload)}`, main, ...args]);
}

describe('an error that no command waits for', () => {
  it.each([
    ['throw new TypeError("boom\\nand more")', 'boom and more'],
    ['Promise.reject(new Error("lost"))', 'lost'],
    ['Promise.reject(undefined)', 'undefined'],
  ])('ends in one sentence: %s', (fault, message) => {
    const { status, stderr } = withFault(fault, 'doctor');
    expect(status).toBe(1);
    expect(stderr).toBe(`wgrad: A defect of wgrad itself stopped it: ${message}; --debug shows where.\n`);
  });

  it('shows its place for --debug', () => {
    const { status, stderr } = withFault('throw new TypeError("boom")', 'doctor', '--debug');
    expect(status).toBe(1);
    expect(stderr).toMatch(/^wgrad: .*boom; --debug shows where\.\n.*TypeError: boom\n +at /s);
  });
});

it.runIf(process.platform === 'linux')('refuses a folder that cannot be made, in /proc or of too long a name', () => {
  for (const out of ['/proc/x', '/proc/x/y', 'a'.repeat(300), `${main}/x`]) {
    const { status, stdout, stderr } = runProgram([main, 'train', '--data', 'mnist', '--out', out], {
      timeout: 20_000,
    });
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^wgrad: [^\n]+ choose another( folder)? with --out\.\n$/);
  }
});
