import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { KERNEL_FAMILIES } from '../../../src/inspect/conformance/cases/index.ts';
import { checkConformance } from '../../../src/inspect/conformance/conformance.ts';
import { rungsOf } from '../../../src/inspect/conformance/kernel_case.ts';
import { matmul } from '../../../src/kernels/matmul.ts';
import { openDevice, openNullDevice, readShader } from '../../../src/node.ts';
import { rungsFor } from '../../../src/runtime/choose_rung.ts';
import { RUNGS } from '../../../src/runtime/rungs.ts';
import { randomValues, relativeError } from '../../gpu.ts';
import { CORRUPTED, corruptedShaders } from './corrupted_kernels.ts';

/** A check of the families that find these mistakes, on a device that makes them. */
const check = (some: typeof CORRUPTED) =>
  checkConformance({
    open: (options) => openDevice({ ...options, shaders: corruptedShaders(some) }),
    quick: true,
    only: some.map(({ family }) => family),
  });

describe('checkConformance', () => {
  it('finds each corrupted kernel by name, and no other', async () => {
    expect(CORRUPTED.length).toBeGreaterThanOrEqual(10);
    const report = await check(CORRUPTED);
    expect(report.passed).toBe(false);
    const wrong = report.kernels.filter(({ passed }) => !passed).map(({ shader }) => shader);
    expect(wrong).toEqual(CORRUPTED.map(({ shader }) => shader).sort());
    for (const { smallest } of report.kernels.filter(({ passed }) => !passed)) expect(smallest).not.toBeNull();
    const beyond = report.kernels.find(({ shader }) => shader === 'one_hot');
    expect(beyond?.smallest?.problem).toMatch(/A kernel wrote outside of its arrays/);
    expect(report.faults.shaders).toEqual(expect.arrayContaining(['reduce_sum', 'square_sums', 'adam', 'one_hot']));
    expect(report.faults.rungs['matmul-narrow']).toEqual(expect.arrayContaining(['tiled', 'subgroup']));
    expect(report.faults.rungs['conv2d-weight-grad-narrow']).toEqual(['tiled']);
  });

  it('lets the next run take another rung, and refuses a kernel of which none is left', async () => {
    const [tiled] = CORRUPTED;
    const { faults, kernels } = await check([tiled]);
    expect(kernels.filter(({ passed }) => !passed).map(({ shader }) => shader)).toEqual(['matmul_tiled']);
    expect(Object.keys(faults.rungs)).toEqual(expect.arrayContaining(['matmul', 'matmul-narrow']));
    const gpu = await openDevice({ shaders: corruptedShaders([tiled]), rung: 'tiled' });
    try {
      const [m, n, k] = [33, 64, 40];
      const [a, b] = [randomValues(m * k, 1), randomValues(k * n, 2)];
      const product = () => matmul(gpu.upload(a, 'a'), gpu.upload(b, 'b'), { m, n, k }).read();
      const expected = Array.from({ length: m * n }, (_, i) => {
        let sum = 0;
        for (let p = 0; p < k; p++) sum += a[Math.floor(i / n) * k + p] * b[p * n + (i % n)];
        return sum;
      });
      expect(relativeError(await product(), expected)).toBeGreaterThan(1e-3);
      gpu.knownFaults = faults;
      expect(relativeError(await product(), expected)).toBeLessThan(1e-5);
      gpu.knownFaults = { rungs: { matmul: rungsFor(gpu) }, shaders: ['add'] };
      expect(product).toThrow(
        'This adapter computes matmul wrongly on every rung that takes these sizes, as `wgrad verify` found: update its driver and verify again, or take another adapter.',
      );
      expect(() => gpu.dispatch('add', { arrays: {} })).toThrow(
        'This adapter computes add (add.wgsl) wrongly, as `wgrad verify` found',
      );
    } finally {
      gpu.close();
    }
  });

  it('goes on where a kernel does not compile, and says which', async () => {
    const shaders = (name: string) =>
      name === 'dropout' ? readShader(name).replace('let i =', 'let j =') : readShader(name);
    const open = (options: object) => openDevice({ ...options, shaders });
    const report = await checkConformance({ open, quick: true, only: ['dropout', 'running_metrics'] });
    expect(report.passed).toBe(false);
    const dropout = report.kernels.filter(({ passed }) => !passed);
    expect(dropout.map(({ smallest }) => smallest?.problem).join()).toContain('dropout.wgsl');
    expect(report.kernels.find(({ shader }) => shader === 'running_metrics')?.passed).toBe(true);
  });
});

it('every kernel has cases that a quick look takes', async () => {
  const seen = new Set<string>();
  const gpu = await openNullDevice();
  // Shaders are named as they are dispatched; nothing needs to run.
  gpu.dispatch = (shader) => void seen.add(shader.split('<')[0]);
  try {
    for (const family of KERNEL_FAMILIES) {
      for (const one of family.cases.filter(({ quick }) => quick)) {
        const make = one.prepare();
        for (const rung of rungsOf(family, RUNGS)) {
          gpu.forcedRung = rung;
          gpu.scope(() => {
            for (const output of make(gpu)) output.run();
          });
        }
      }
    }
  } finally {
    gpu.close();
  }
  const shaders = readdirSync(new URL('../../../shaders/', import.meta.url)).map((file) => file.replace('.wgsl', ''));
  // Of the runtime's own: they make the checks.
  expect(shaders.filter((shader) => !seen.has(shader))).toEqual(['fence', 'fence_check', 'poison']);
});
