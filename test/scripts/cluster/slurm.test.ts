import { spawn } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { configuration, lives } from '../../../scripts/cluster/slurm.ts';

describe('the cluster of the test', () => {
  it('has three nodes on one host, and its files in one folder', () => {
    const text = configuration('/x/y', 'host', [1, 2, 3, 4]);
    expect(text.match(/^NodeName=.*$/gm)).toEqual(
      [2, 3, 4].map(
        (port, i) => `NodeName=n${i + 1} NodeHostname=host NodeAddr=127.0.0.1 Port=${port} CPUs=1 State=UNKNOWN`,
      ),
    );
    for (const [path] of text.matchAll(/\/[^\s,]+/g))
      expect(path).toMatch(/^\/(x\/y\/|munge$|linuxproc$|none$|cons_tres$|bin\/true$)/);
  });
});

describe.skipIf(process.platform !== 'linux')('lives', () => {
  it('tells a process that works from one that has ended', async () => {
    const child = spawn(process.execPath, ['-e', 'process.stdin.read()'], { stdio: ['pipe', 'ignore', 'ignore'] });
    expect(lives(child.pid ?? 0)).toBe(true);
    child.kill('SIGKILL');
    await new Promise((resolve) => child.on('close', resolve));
    expect(lives(child.pid ?? 0)).toBe(false);
  });
});
