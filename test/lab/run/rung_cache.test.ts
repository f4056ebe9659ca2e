import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { tuneRungs } from '../../../src/kernels/tune_rungs.ts';
import { applyRungs, describeRungs, measuredRungs, measureRungs, parseRungs } from '../../../src/lab/run/rung_cache.ts';
import type { Gpu } from '../../../src/runtime/gpu.ts';
import { type RungTable, uniformTable } from '../../../src/runtime/rungs.ts';

vi.mock('../../../src/kernels/tune_rungs.ts', () => ({ tuneRungs: vi.fn() }));

const measured: RungTable = { ...uniformTable('tiled'), matmul: 'subgroup' };
let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'wgrad-rungs-'));
  vi.mocked(tuneRungs).mockReset().mockResolvedValue({ rungs: measured, classes: [] });
});
afterEach(async () => {
  await rm(home, { recursive: true, force: true });
});
const environment = () => ({ variables: { XDG_CACHE_HOME: home }, platform: 'linux', home }) as const;

/** As much of a device as the choice looks at. */
function device({ software = false, description = 'card', forcedRung = undefined as Gpu['forcedRung'] } = {}): Gpu {
  const adapter = { vendor: 'v', architecture: 'a', device: 'd', description, software, subgroupSizes: [32, 32] };
  return { adapter, forcedRung, rungs: uniformTable('tiled') } as unknown as Gpu;
}

it('measures an unknown hardware adapter once and keeps the answer by adapter', async () => {
  const first = device();
  await applyRungs(first, { say: () => {}, environment: environment() });
  expect(first.rungs).toEqual(measured);
  expect(tuneRungs).toHaveBeenCalledTimes(1);
  const second = device();
  await applyRungs(second, { say: () => {}, environment: environment() });
  expect(second.rungs).toEqual(measured);
  expect(tuneRungs).toHaveBeenCalledTimes(1);
  expect(await measuredRungs(device({ description: 'another' }).adapter, environment())).toBeUndefined();
});

it('leaves a software adapter to its table, and a forced rung to rule', async () => {
  for (const gpu of [device({ software: true }), device({ forcedRung: 'naive' })]) {
    await applyRungs(gpu, { say: () => {}, environment: environment() });
    expect(gpu.rungs).toEqual(uniformTable('tiled'));
  }
  expect(tuneRungs).not.toHaveBeenCalled();
});

it('goes on with the rungs of an earlier run, whatever was measured since', async () => {
  await measureRungs(device(), environment());
  const gpu = device();
  await applyRungs(gpu, { earlier: uniformTable('naive'), say: () => {}, environment: environment() });
  expect(gpu.rungs).toEqual(uniformTable('naive'));
});

it('takes a damaged file for none, and mends it', async () => {
  await measureRungs(device(), environment());
  const file = join(home, 'wgrad', 'rungs.json');
  await writeFile(file, '{');
  expect(await measuredRungs(device().adapter, environment())).toBeUndefined();
  await measureRungs(device(), environment());
  expect(JSON.parse(await readFile(file, 'utf8')).version).toBe(3);
  expect(await measuredRungs(device().adapter, environment())).toEqual(measured);
});

it('uses what it measured where the cache cannot be written to, and says so', async () => {
  await writeFile(join(home, 'wgrad'), 'a file in the way');
  const gpu = device();
  const said: string[] = [];
  await applyRungs(gpu, { say: (text) => said.push(text), environment: environment() });
  expect(gpu.rungs).toEqual(measured);
  expect(said.join('\n')).toMatch(
    /once.*some seconds …\nTaken here from now on: tiled, but matmul: subgroup\.\n.*not kept/,
  );
});

it('refuses tables with a class missing or an unknown rung', () => {
  const { matmul: _, ...missing } = measured;
  expect(parseRungs(missing)).toBeUndefined();
  expect(parseRungs({ ...measured, matmul: 'nosuch' })).toBeUndefined();
  expect(parseRungs({ ...measured, matmul: 'blocked:1x1x1/1x1' })).toBeUndefined();
  expect(parseRungs({ ...measured, matmul: 'blocked:64x64x16/8x4' })?.matmul).toBe('blocked:64x64x16/8x4');
  expect(parseRungs(measured)).toEqual(measured);
});

it('takes a table of an earlier version, whose classes were wider', () => {
  const { 'conv2d-1x1': _, 'conv2d-large-k': __, ...earlier } = { ...measured, conv2d: 'naive' } as RungTable;
  expect(parseRungs(earlier)).toEqual({
    ...{ ...measured, conv2d: 'naive' },
    ...{ 'conv2d-1x1': 'subgroup', 'conv2d-large-k': 'naive' },
  });
});

it('gives the classes that an earlier version did not have the rung that took their shapes then', () => {
  const table: RungTable = { ...measured, conv2d: 'naive', 'conv2d-3x3': 'naive' };
  const { 'conv2d-3x3': _, 'conv2d-input-grad-3x3': __, 'conv2d-weight-grad-3x3': ___, ...older } = table;
  expect(parseRungs(older)).toEqual(table);
});

it('leaves a forced rung the usual ones beside it, be others measured, so that what is recorded gives the same again', async () => {
  await measureRungs(device(), environment());
  const gpu = device({ forcedRung: 'winograd' });
  await applyRungs(gpu, { say: () => {}, environment: environment() });
  expect(gpu.rungs).toEqual(uniformTable('tiled'));
});

it('describes a table by the rung of most classes and its exceptions', () => {
  expect(describeRungs(uniformTable('tiled'))).toBe('tiled for all shapes');
  expect(describeRungs(measured)).toBe('tiled, but matmul: subgroup');
});
