import { expect, it } from 'vitest';
import { costOf, likelyTiles } from '../../src/kernels/likely_tiles.ts';
import type { Gpu } from '../../src/runtime/gpu.ts';
import { TILES, type TileName } from '../../src/runtime/tiles.ts';

/** As much of a device as the choice looks at. */
const device = (workgroupInvocations: number, workgroupBytes: number): Gpu =>
  ({
    adapter: { software: false, subgroupSizes: [32, 32] },
    limits: { workgroupInvocations, workgroupBytes },
  }) as unknown as Gpu;

const card = device(1024, 48 * 1024);

it('finds large tiles likely for large products, and small ones for small', () => {
  expect(likelyTiles(card, { rows: 32_768, columns: 512, depth: 4608 }, 2)).toEqual([
    'blocked:128x128x16/8x8',
    'blocked:128x128x8/8x8',
  ]);
  expect(likelyTiles(card, { rows: 64, columns: 64, depth: 64 }, 2)).toEqual([
    'blocked:64x64x16/4x4',
    'blocked:32x32x32/4x4',
  ]);
});

it('finds tiles likely that fit the columns', () => {
  const [first] = likelyTiles(card, { rows: 65_536, columns: 32, depth: 288 }, 1);
  expect(first).toBe('blocked:128x32x8/8x4');
});

it('names none that the device has no room for', () => {
  const names = likelyTiles(device(256, 16 * 1024), { rows: 32_768, columns: 512, depth: 4608 }, 99);
  expect(names).toHaveLength(6);
  expect(names[0]).toBe('blocked:128x128x8/8x8');
});

it('reckons what is filled up at borders, and idle invocations', () => {
  const tile = TILES['64x64x16/4x4' satisfies TileName];
  const cost = (rows: number, columns: number, depth: number) => costOf(tile, { rows, columns, depth }, 8192);
  expect(cost(65 * 64, 64, 576)).toBe(cost(64 * 64 + 1, 64, 576));
  expect(cost(64 * 64, 64, 576)).toBeLessThan(cost(64 * 64 + 1, 64, 576));
  // One block has 256 invocations of the 8192, eight slices of its sum eight times as many.
  expect(cost(64, 64, 64)).toBeCloseTo((32 * cost(32 * 64, 64, 64)) / 32, 6);
  expect(cost(64, 64, 1024)).toBeLessThan(cost(64, 64, 127) * 10);
});
