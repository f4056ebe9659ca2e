import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

it.skipIf(process.platform === 'win32')('ends in silence where whoever reads has had enough', () => {
  const main = fileURLToPath(new URL('../../../src/lab/cli/main.ts', import.meta.url));
  // Closed before the first line is written.
  const command = `"${process.execPath}" --import tsx "${main}" --help | true; echo "\${PIPESTATUS[0]}"`;
  const { stdout, stderr } = spawnSync('bash', ['-c', command], { encoding: 'utf8' });
  expect([stdout.trim(), stderr]).toEqual(['0', '']);
});
