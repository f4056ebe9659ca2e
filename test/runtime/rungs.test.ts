import { afterEach, expect, it } from 'vitest';
import { tuneRungs } from '../../src/kernels/tune_rungs.ts';
import { chooseRung, rungsFor } from '../../src/runtime/choose_rung.ts';
import { classOf, defaultRungs, RUNGS, SHAPE_CLASSES, uniformTable } from '../../src/runtime/rungs.ts';
import { useGpu } from '../gpu.ts';

const held = useGpu({ fences: false });
afterEach(() => {
  held.gpu.forcedRung = undefined;
  held.gpu.rungs = defaultRungs(held.gpu.adapter);
});

const fitsAll = { tiled: true, subgroup: true };

it('takes the rung of the table for the class of a shape', () => {
  const { gpu } = held;
  gpu.rungs = { ...uniformTable('tiled'), 'conv2d-narrow': 'naive' };
  expect(chooseRung(gpu, classOf('conv2d', 64), fitsAll)).toBe('tiled');
  expect(chooseRung(gpu, classOf('conv2d', 63), fitsAll)).toBe('naive');
});

it('takes the forced rung before that of the table', () => {
  const { gpu } = held;
  gpu.rungs = uniformTable('tiled');
  gpu.forcedRung = 'naive';
  expect(chooseRung(gpu, 'matmul', fitsAll)).toBe('naive');
});

it('takes the fastest that fits where the one it should take does not', () => {
  const { gpu } = held;
  gpu.rungs = uniformTable('tiled');
  const fits = { tiled: false, subgroup: false };
  expect(chooseRung(gpu, 'matmul', fits)).toBe('naive');
  gpu.forcedRung = 'tiled';
  expect(chooseRung(gpu, 'matmul', { ...fits, subgroup: true })).toBe(
    rungsFor(gpu).includes('subgroup') ? 'subgroup' : 'naive',
  );
});

it('has subgroups in a default table only where the adapter has them', () => {
  expect(defaultRungs({ software: true, subgroupSizes: [8, 8] })).toEqual(uniformTable('subgroup'));
  expect(defaultRungs({ software: true, subgroupSizes: [0, 0] })).toEqual(uniformTable('tiled'));
  expect(defaultRungs({ software: false, subgroupSizes: [32, 32] })).toEqual(uniformTable('tiled'));
});

it("takes Winograd's rung where it is forced, or the table's, and fits; never by itself", () => {
  const { gpu } = held;
  const { rungs } = gpu;
  const choose = (winograd: boolean) => chooseRung(gpu, 'conv2d-3x3', { tiled: false, subgroup: false, winograd });
  expect(choose(true)).toBe('naive');
  try {
    gpu.rungs = { ...rungs, 'conv2d-3x3': 'winograd' };
    expect([choose(true), choose(false)]).toEqual(['winograd', 'naive']);
  } finally {
    gpu.rungs = rungs;
  }
  gpu.forcedRung = 'winograd';
  expect([choose(true), choose(false)]).toEqual(['winograd', 'naive']);
});

it('measures a rung that can run for each class, and leaves the device as it was', async () => {
  const { gpu } = held;
  gpu.forcedRung = 'tiled';
  const before = gpu.memory.liveBytes;
  const table = await tuneRungs(gpu);
  expect(gpu.forcedRung).toBe('tiled');
  expect(gpu.memory.liveBytes).toBe(before);
  expect(Object.keys(table)).toEqual([...SHAPE_CLASSES]);
  for (const rung of Object.values(table)) {
    expect(RUNGS).toContain(rung);
    expect(rung).not.toBe('naive');
  }
  // On llvmpipe no tiled kernel comes near: a choice of it would be a fault of the measuring.
  if (/llvmpipe/.test(gpu.adapter.description)) expect(table.conv2d).toBe('subgroup');
});
