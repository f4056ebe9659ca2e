import { expect, it } from 'vitest';
import { tuneRungs } from '../../src/kernels/tune_rungs.ts';
import { rungsFor } from '../../src/runtime/choose_rung.ts';
import { fastestRung } from '../../src/runtime/fastest_rung.ts';
import { defaultRungs, rungOf, SHAPE_CLASSES, tileOf } from '../../src/runtime/rungs.ts';
import { useGpu } from '../gpu.ts';

const held = useGpu({ fences: false });

it('measures the versions of a class that can run, the usual one first, and leaves the device as it was', async () => {
  const { gpu } = held;
  gpu.forcedRung = 'tiled';
  const before = gpu.memory.liveBytes;
  const { rungs, classes } = await tuneRungs(gpu, {
    classes: ['conv2d', 'conv2d-few-channels', 'depthwise-conv2d', 'grouped-conv2d'],
    batch: 1,
  });
  expect(gpu.forcedRung).toBe('tiled');
  expect(gpu.rungs).toEqual(defaultRungs(gpu.adapter));
  expect(gpu.memory.liveBytes).toBe(before);
  expect(Object.keys(rungs)).toEqual([...SHAPE_CLASSES]);
  const has = rungsFor(gpu).includes('subgroup');
  for (const { shapeClass, times, chosen } of classes) {
    const names = times.map(({ rung }) => rung);
    expect(rungs[shapeClass]).toBe(chosen);
    expect(chosen).toBe(fastestRung(times));
    expect(new Set(names).size).toBe(names.length);
    expect(names[0]).toBe(has && shapeClass !== 'grouped-conv2d' ? 'subgroup' : 'tiled');
    expect(names.map(rungOf)).not.toContain('naive');
    expect(names).toContain('tiled');
    expect(names.filter((name) => tileOf(name)).length).toBe(shapeClass === 'conv2d' ? 2 : 0);
    for (const { ms } of times) expect(Math.min(...ms)).toBeGreaterThan(0);
  }
  // On llvmpipe no tiled kernel comes near: a choice of it would be a fault of the measuring.
  if (/llvmpipe/.test(gpu.adapter.description)) expect(rungs.conv2d).toBe('subgroup');
  expect(rungs.matmul).toBe(defaultRungs(gpu.adapter).matmul);
});

it("measures Winograd's rung where it has a class of its own, and for large K a shape that is not of it", async () => {
  const { gpu } = held;
  gpu.forcedRung = undefined;
  const { classes } = await tuneRungs(gpu, { classes: ['conv2d-3x3', 'conv2d-large-k'] });
  const measured = classes.map(({ times }) => new Set(times.map(({ rung }) => rungOf(rung))));
  const usual = ['tiled', 'blocked', ...(rungsFor(gpu).includes('subgroup') ? (['subgroup'] as const) : [])];
  expect(measured).toEqual([new Set([...usual, 'winograd']), new Set(usual)]);
});
