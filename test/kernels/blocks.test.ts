import { describe, expect, it } from 'vitest';
import { CONV2D_TILES, MATMUL_TILES } from '../../src/inspect/conformance/cases/tiles.ts';
import { blocksOf } from '../../src/kernels/blocks.ts';
import { matmul } from '../../src/kernels/matmul.ts';
import type { Gpu } from '../../src/runtime/gpu.ts';
import { TILES } from '../../src/runtime/tiles.ts';
import { useGpu } from '../gpu.ts';
import { checkFamily } from './check_family.ts';

const held = useGpu();

checkFamily(MATMUL_TILES, held);
checkFamily(CONV2D_TILES, held);

it('adds nothing beyond the end of a sum, not even 0 · ∞', async () => {
  const { gpu } = held;
  const [m, n, k] = [3, 8, 20];
  const a = Float32Array.from({ length: m * k }, (_, i) => (i % k === k - 1 ? Number.POSITIVE_INFINITY : 1));
  const b = new Float32Array(k * n).fill(1);
  gpu.forcedRung = 'blocked';
  try {
    const c = await matmul(gpu.upload(a, 'a'), gpu.upload(b, 'b'), { m, n, k }).read();
    expect([...c]).toEqual(new Array(m * n).fill(Number.POSITIVE_INFINITY));
  } finally {
    gpu.forcedRung = undefined;
  }
});

describe('blocksOf', () => {
  /** A device by the invocations that are enough for it. */
  const device = (software: boolean) => ({ adapter: { software } }) as Gpu;
  const tile = TILES['64x64x16/4x4'];

  it('cuts long sums of small results into slices of some slabs each, which a device has enough to do with', () => {
    const small = { rows: 64, columns: 65, steps: 100 };
    expect(blocksOf(device(true), tile, small)).toMatchObject({
      workgroups: [2, 1, 1],
      slices: 1,
      params: { slice_steps: 100 },
    });
    // 512 invocations of 8192: sixteen slices, but of eight slabs at least.
    expect(blocksOf(device(false), tile, small)).toMatchObject({
      workgroups: [2, 1, 12],
      slices: 12,
      params: { slice_steps: 9 },
    });
    expect(blocksOf(device(false), tile, { ...small, steps: 15 }).slices).toBe(1);
    expect(blocksOf(device(false), tile, { ...small, rows: 64 * 16 }).slices).toBe(1);
    expect(blocksOf(device(false), tile, { ...small, phases: 4 })).toMatchObject({ workgroups: [2, 1, 16], slices: 4 });
  });
});
