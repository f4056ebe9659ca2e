import { afterEach, describe, expect, it } from 'vitest';
import { chooseRung, rungsFor } from '../../src/runtime/choose_rung.ts';
import {
  classOf,
  defaultRungs,
  NO_FAULTS,
  RUNG_NAMES,
  rungOf,
  TILED_RUNGS,
  uniformTable,
} from '../../src/runtime/rungs.ts';
import { hasRoomFor, TILE_NAMES, TILES } from '../../src/runtime/tiles.ts';
import { useGpu } from '../gpu.ts';

const held = useGpu({ fences: false });
afterEach(() => {
  held.gpu.forcedRung = undefined;
  held.gpu.rungs = defaultRungs(held.gpu.adapter);
  held.gpu.knownFaults = NO_FAULTS;
});

const fitsAll = { tiled: true, blocked: true, subgroup: true };
const sizes = (columns: number, rows = 4096, depth = 576) => ({ rows, columns, depth });

it('knows the class of a product by its sizes', () => {
  expect(classOf('conv2d', sizes(64))).toBe('conv2d');
  expect(classOf('conv2d', sizes(63))).toBe('conv2d-narrow');
  expect(classOf('conv2d', sizes(512, 2048, 4608))).toBe('conv2d-large-k');
  expect(classOf('conv2d', sizes(512, 4096, 4608))).toBe('conv2d');
  expect(classOf('matmul', sizes(60, 2048, 4608))).toBe('matmul-narrow');
  expect(classOf('conv2d-weight-grad', sizes(64, 64, 4608))).toBe('conv2d-weight-grad');
  expect(classOf('conv2d-1x1', sizes(64, 64, 4608))).toBe('conv2d-1x1');
});

it('takes the rung of the table for the class of a shape', () => {
  const { gpu } = held;
  gpu.rungs = { ...uniformTable('tiled'), 'conv2d-narrow': 'naive' };
  expect(chooseRung(gpu, classOf('conv2d', sizes(64)), fitsAll)).toBe('tiled');
  expect(chooseRung(gpu, classOf('conv2d', sizes(63)), fitsAll)).toBe('naive');
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

describe('the blocked rung', () => {
  const [usual, another] = TILED_RUNGS;

  it('is taken with its usual tile, or with the one that is named', () => {
    const { gpu } = held;
    gpu.rungs = { ...uniformTable('blocked'), conv2d: another };
    expect(chooseRung(gpu, 'matmul', fitsAll)).toBe(usual);
    expect(chooseRung(gpu, 'conv2d', fitsAll)).toBe(another);
    gpu.forcedRung = another;
    expect(chooseRung(gpu, 'matmul', fitsAll)).toBe(another);
    gpu.forcedRung = 'blocked';
    expect(chooseRung(gpu, 'conv2d', fitsAll)).toBe(usual);
  });

  it('leaves out tiles that are known to be wrong, and goes to another rung where all are', () => {
    const { gpu } = held;
    gpu.rungs = uniformTable('blocked');
    gpu.knownFaults = { rungs: { matmul: [usual] }, shaders: [] };
    expect(chooseRung(gpu, 'matmul', fitsAll)).toBe(another);
    gpu.forcedRung = usual;
    expect(chooseRung(gpu, 'matmul', fitsAll)).toBe(another);
    gpu.knownFaults = { rungs: { matmul: TILED_RUNGS }, shaders: [] };
    expect(chooseRung(gpu, 'matmul', fitsAll)).toBe(rungsFor(gpu)[0]);
  });

  it('has no tile that the device has no room for', () => {
    const small = { ...held.gpu.limits, workgroupInvocations: 128, workgroupBytes: 12 * 1024 };
    expect(TILE_NAMES.filter((name) => hasRoomFor(small, TILES[name]))).toEqual(['128x32x8/8x4']);
    // What WebGPU grants everywhere is enough for the usual one.
    const least = { ...small, workgroupInvocations: 256, workgroupBytes: 16 * 1024 };
    expect(hasRoomFor(least, TILES[TILE_NAMES[0]])).toBe(true);
  });

  it('has tiles whose names say what its shaders are told', () => {
    expect(TILES['128x32x8/8x4']).toMatchObject({ invocations: 128, bytes: 2 * 4 * 8 * (128 + 32) });
    for (const name of TILE_NAMES) {
      const { rows, columns, depth, threadRows, threadColumns, invocations } = TILES[name];
      expect(`${rows}x${columns}x${depth}/${threadRows}x${threadColumns}`).toBe(name);
      // Each invocation loads the same column of a slab in each of its loads.
      for (const across of [depth / 4, columns / 4, rows / 4]) expect(invocations % across).toBe(0);
    }
    for (const name of RUNG_NAMES) expect(rungOf(name)).toBe(name.split(':')[0]);
  });
});

it('has subgroups in a default table only where the adapter has them', () => {
  expect(defaultRungs({ software: true, subgroupSizes: [8, 8] })).toEqual(uniformTable('subgroup'));
  expect(defaultRungs({ software: true, subgroupSizes: [0, 0] })).toEqual(uniformTable('tiled'));
  expect(defaultRungs({ software: false, subgroupSizes: [32, 32] })).toEqual(uniformTable('tiled'));
});

it("takes Winograd's rung where it is forced, or the table's, and fits; never by itself", () => {
  const { gpu } = held;
  const { rungs } = gpu;
  const choose = (winograd: boolean) => chooseRung(gpu, 'conv2d-3x3', { winograd });
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
