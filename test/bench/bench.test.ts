import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Benchmark } from '../../bench/benchmark.ts';
import { measure } from '../../bench/measure.ts';
import { randomInput } from '../../src/inspect/ladder/random_input.ts';
import { matmul } from '../../src/kernels/matmul.ts';
import { openDevice } from '../../src/node.ts';
import { RUNGS } from '../../src/runtime/rungs.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

function run(file: string, ...args: string[]) {
  return spawnSync(process.execPath, ['--import', 'tsx', `bench/${file}`, ...args], { cwd: root, encoding: 'utf8' });
}

describe('measure', () => {
  const product = (m: number, k: number, n: number): Benchmark => ({
    ...{ name: 'matmul', shape: '', rungs: RUNGS, flops: 2 * m * k * n },
    prepare: (gpu) => {
      const [a, b] = [randomInput(gpu, m * k), randomInput(gpu, k * n)];
      return () => void matmul(a, b, { m, n, k });
    },
  });

  it('gives one row for each rung that can run, rates from its own time, and frees all', async () => {
    const gpu = await openDevice();
    try {
      const before = gpu.memory.liveBytes;
      const rows = await measure(gpu, product(64, 64, 64), 2);
      expect(gpu.memory.liveBytes).toBe(before);
      expect(gpu.forcedRung).toBeUndefined();
      expect(rows[0]).toMatchObject({ rung: 'naive', vsNaive: 1 });
      for (const { ms, gflops, gbps, vsNaive } of rows) {
        expect(ms).toBeGreaterThan(0);
        expect(gflops).toBeCloseTo((2 * 64 ** 3) / ms / 1e6, 9);
        expect(gbps).toBeGreaterThan(0);
        expect(vsNaive).toBeCloseTo(rows[0].ms / ms, 9);
      }
      const naiveOnly = await measure(gpu, product(3, 5, 7), 1);
      expect(naiveOnly.map(({ rung }) => rung)).toEqual(['naive']);
    } finally {
      gpu.close();
    }
  });
});

describe('command line', () => {
  it('prints one JSON object of the documented form', () => {
    const { status, stdout } = run('bench.ts', '--only', 'max-pool,host', '--runs', '1', '--json');
    expect(status).toBe(0);
    const { device, rows } = JSON.parse(stdout);
    expect(device).toMatch(/\w/);
    expect(new Set(rows.map((row: { name: string }) => row.name))).toEqual(new Set(['max-pool', 'host']));
    for (const row of rows) {
      expect(Object.keys(row).sort()).toEqual(['gbps', 'gflops', 'ms', 'name', 'rung', 'shape', 'vsNaive']);
      expect(row.ms).toBeGreaterThan(0);
    }
  });

  it('asks each system in a process of its own, and leaves none behind', () => {
    const args = ['--only', 'wgrad', '--width', '0.0625', '--batch', '2,3', '--rounds', '1', '--json'];
    const { status, stdout } = run('peers/bench_peers.ts', ...args);
    expect(status).toBe(0);
    const { device, rows } = JSON.parse(stdout);
    expect(device).toMatch(/\w/);
    expect(rows).toHaveLength(2);
    for (const [i, batch] of [2, 3].entries()) {
      expect(Object.keys(rows[i]).sort()).toEqual([
        ...['batch', 'firstLoss', 'firstStepMs', 'imagesPerSecond', 'net', 'system'],
      ]);
      expect(rows[i].firstStepMs).toBeGreaterThan(0);
      expect(rows[i]).toMatchObject({ net: 'custom-cnn', batch, system: 'wgrad' });
      expect(rows[i].imagesPerSecond).toBeGreaterThan(0);
      // An untrained network of ten classes: −log(1/10) = 2.3, give or take.
      expect(rows[i].firstLoss).toBeGreaterThan(1.5);
      expect(rows[i].firstLoss).toBeLessThan(3.5);
    }
  });

  it.each([
    ['bench.ts', ['--only', 'matmul,nonsense'], "There is no benchmark 'nonsense'"],
    ['bench.ts', ['--runs', '0'], 'whole number of at least 1'],
    ['bench.ts', ['--fast'], "unknown option '--fast'"],
    ['peers/bench_peers.ts', ['--only', 'jax'], "There is no system 'jax'"],
    ['peers/bench_peers.ts', ['--batch', '8,x'], 'whole number above 0'],
  ])('%s %j: one sentence and exit code 2', (file, args, message) => {
    const { status, stderr, stdout } = run(file, ...args);
    expect(status).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('    at ');
    expect(stdout).toBe('');
  });
});
