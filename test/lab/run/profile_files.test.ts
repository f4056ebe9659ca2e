import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { fill } from '../../../src/kernels/elementwise.ts';
import { matmul } from '../../../src/kernels/matmul.ts';
import { formatProfile, writeProfile } from '../../../src/lab/run/profile_files.ts';
import { openDevice } from '../../../src/node.ts';

it('prints the table and writes it and the trace into the folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'wgrad-profile-'));
  const gpu = await openDevice({ profile: true });
  try {
    gpu.scope(() => {
      const a = fill(gpu, 64 * 64, 1);
      for (let i = 0; i < 3; i++) matmul(a, a, { m: 64, n: 64, k: 64 });
    });
    const lines: string[] = [];
    await writeProfile(gpu, join(folder, 'run'), (line) => lines.push(line));
    const text = lines.join('\n');
    expect(text).toMatch(/matmul_\w+\s*│\s*matmul\s*│\s*3\s*│/);
    expect(text).toContain('4 dispatches');
    const trace = JSON.parse(await readFile(join(folder, 'run', 'trace.json'), 'utf8'));
    expect(trace.traceEvents.filter((event: { ph: string }) => event.ph === 'X')).toHaveLength(4);
    const profile = JSON.parse(await readFile(join(folder, 'run', 'profile.json'), 'utf8'));
    expect(profile.dispatches).toBe(4);
  } finally {
    gpu.close();
    await rm(folder, { recursive: true });
  }
});

it('writes nothing where profiling is off', async () => {
  const gpu = await openDevice();
  try {
    const lines: string[] = [];
    await writeProfile(gpu, '/nowhere/at/all', (line) => lines.push(line));
    expect(lines).toEqual([]);
  } finally {
    gpu.close();
  }
});

it('says that wall times are an estimate, and leaves out rates nobody stated', () => {
  const kernel = { kernel: 'fill', operation: 'fill', calls: 2, ms: 4, share: 1, gflops: undefined, gbps: 12.34 };
  const text = formatProfile({ clock: 'wall', kernels: [kernel], dispatches: 2, ms: 4 });
  expect(text).toContain('estimate');
  expect(text).toMatch(/fill .*2 .*4\.0 .*100\.0 % .*– .*12\.3/);
});
