import { readdirSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { KERNEL_FAMILIES } from '../../../src/inspect/conformance/cases/index.ts';
import { rungsOfCase } from '../../../src/inspect/conformance/kernel_case.ts';
import { type CheckedOutput, isRight, runKernelCase } from '../../../src/inspect/conformance/run_kernel_case.ts';
import { type ConformanceReport, checkConformance, failedText } from '../../../src/inspect/index.ts';
import { matmul } from '../../../src/kernels/matmul.ts';
import { openDevice, openNullDevice, readShader } from '../../../src/node.ts';
import { rungsFor, watchRungs } from '../../../src/runtime/choose_rung.ts';
import { RUNGS, rungOf, SHAPE_CLASSES } from '../../../src/runtime/rungs.ts';
import { CORRUPTED, corruptedShaders } from './corrupted_kernels.ts';

const LADDERS = KERNEL_FAMILIES.filter(({ ladder }) => ladder);

/** A check of the families that find these mistakes, on a device that makes them. */
const check = (some: typeof CORRUPTED) =>
  checkConformance({
    open: (options) => openDevice({ ...options, shaders: corruptedShaders(some) }),
    quick: true,
    only: some.map(({ family }) => family),
  });

describe('checkConformance', () => {
  let report: ConformanceReport;
  beforeAll(async () => {
    report = await check(CORRUPTED);
  });

  it('finds each corrupted kernel by name, and no other', () => {
    expect(CORRUPTED.length).toBeGreaterThanOrEqual(10);
    expect(report.passed).toBe(false);
    const wrong = report.kernels.filter(({ passed }) => !passed).map(({ shader }) => shader);
    expect(wrong).toEqual(CORRUPTED.map(({ shader }) => shader).sort());
    for (const { smallest } of report.kernels)
      if (smallest) expect(failedText(smallest)).toContain(`${smallest.case}: `);
    expect(report.kernels.filter(({ smallest }) => smallest !== null)).toHaveLength(CORRUPTED.length);
    const beyond = report.kernels.find(({ shader }) => shader === 'one_hot');
    expect(beyond?.smallest?.problem).toMatch(/A kernel wrote outside of its arrays/);
    expect(report.faults.shaders).toEqual(expect.arrayContaining(['reduce_sum', 'square_sums', 'adam', 'one_hot']));
    expect(report.faults.rungs['matmul-narrow']).toEqual(expect.arrayContaining(['tiled', 'subgroup']));
    expect(report.faults.rungs['conv2d-weight-grad']).toEqual(['tiled']);
  });

  it('lets the next run take another rung, and refuses a kernel of which none is left', async () => {
    const ladders = CORRUPTED.filter(({ family }) => LADDERS.some(({ kernels }) => kernels === family));
    const names = ladders.map(({ shader }) => shader);
    expect(names).toEqual(expect.arrayContaining(['matmul_tiled', 'conv2d_subgroup', 'depthwise_conv2d_vec4']));
    const gpu = await openDevice({ shaders: corruptedShaders(ladders) });
    try {
      gpu.knownFaults = { rungs: report.faults.rungs, shaders: [] };
      const outputs: CheckedOutput[] = [];
      for (const family of LADDERS) {
        for (const one of family.cases.filter(({ quick }) => quick)) {
          outputs.push(...(await runKernelCase(gpu, one, rungsOfCase(gpu, family, one))));
        }
      }
      expect(outputs.length).toBeGreaterThan(100);
      expect(outputs.filter((output) => !isRight(output))).toEqual([]);
      const ran = new Set(outputs.flatMap(({ shaders }) => shaders));
      expect(names.filter((name) => ran.has(name))).toEqual([]);

      gpu.knownFaults = { rungs: { matmul: rungsFor(gpu) }, shaders: ['add'] };
      const [a, b] = [gpu.upload(new Float32Array(64), 'a'), gpu.upload(new Float32Array(64 * 64), 'b')];
      expect(() => matmul(a, b, { m: 1, n: 64, k: 64 })).toThrow(
        'This adapter computes matmul wrongly on every rung that takes these sizes, as `wgrad verify` found: update its driver and verify again, or take another adapter.',
      );
      expect(() => gpu.dispatch('add', { arrays: {} })).toThrow(
        'This adapter computes add (add.wgsl) wrongly, as `wgrad verify` found',
      );
    } finally {
      gpu.close();
    }
  });

  it('refuses a name that is none, rather than check nothing', async () => {
    await expect(checkConformance({ open: openDevice, only: ['matmul', 'matmull'] })).rejects.toThrow(
      /^checkConformance: there are no kernels called matmull; there are matmul, batched_matmul, /,
    );
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

describe('the cases', () => {
  /** Shaders by the class and the rung that dispatched them, if any did, of all cases or of those that a quick look takes. Nothing needs to run. */
  async function dispatched(quick: boolean): Promise<{ shaders: Set<string>; chosen: Set<string> }> {
    const [shaders, chosen] = [new Set<string>(), new Set<string>()];
    const gpu = await openNullDevice();
    // As an adapter that can run every rung.
    Object.assign(gpu.adapter, { subgroupSizes: [8, 8] });
    let choice: string | undefined;
    gpu.dispatch = (text) => {
      const [shader] = text.split('<');
      shaders.add(shader);
      if (choice) chosen.add(`${choice}: ${shader}`);
    };
    try {
      for (const family of KERNEL_FAMILIES) {
        for (const one of family.cases.filter((each) => !quick || each.quick)) {
          const make = one.prepare();
          for (const rung of rungsOfCase(gpu, family, one)) {
            gpu.forcedRung = rung;
            gpu.scope(() => {
              for (const output of make(gpu)) {
                choice = undefined;
                watchRungs(
                  (shapeClass, rung) => {
                    choice = `${shapeClass} ${rungOf(rung)}`;
                  },
                  () => output.run(),
                );
              }
            });
          }
        }
      }
    } finally {
      gpu.close();
    }
    return { shaders, chosen };
  }

  it('are of every kernel, and a quick look takes some of each, wherever a rung may choose it', async () => {
    const [quick, all] = [await dispatched(true), await dispatched(false)];
    const files = readdirSync(new URL('../../../shaders/', import.meta.url)).map((file) => file.replace('.wgsl', ''));
    // Of the runtime's own: they make the checks.
    expect(files.filter((shader) => !quick.shaders.has(shader))).toEqual(['fence', 'fence_check', 'poison']);
    // What a quick look never saw chosen would go on being used. Sums and transposes beside a product are kernels without rungs.
    const missed = [...all.chosen].filter((line) => !quick.chosen.has(line) && !/: (reduce_sum|transpose)$/.test(line));
    expect(missed).toEqual([]);
    for (const shapeClass of SHAPE_CLASSES) {
      const rungs = RUNGS.filter((rung) => [...all.chosen].some((line) => line.startsWith(`${shapeClass} ${rung}: `)));
      const count = /grouped|depthwise/.test(shapeClass)
        ? 2
        : /few-channels/.test(shapeClass)
          ? 3
          : /matmul|1x1/.test(shapeClass)
            ? 4
            : 5;
      expect([shapeClass, rungs.length]).toEqual([shapeClass, count]);
    }
  });
});
