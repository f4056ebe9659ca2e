import { tiledRungsFor } from '../runtime/choose_rung.ts';
import type { Gpu } from '../runtime/gpu.ts';
import { enoughInvocations } from '../runtime/grid.ts';
import { type ProductSizes, type RungName, tileOf } from '../runtime/rungs.ts';
import type { Tile } from '../runtime/tiles.ts';

/**
 * What loads and barriers cost an invocation, in the time of a multiply-add. Rough: a unit of a GPU does 128 multiply-adds while it reads 32 numbers of
 * workgroup memory, or 16 from its caches. They choose what is measured, not what is taken.
 */
const COST = { workgroup: 4, buffer: 8, barrier: 32 };

/**
 * About how long a tile takes for a product, in multiply-adds of the whole device at its full width: those of its blocks, borders filled up, with what
 * they load and wait for; more where the invocations are too few, even with the sum in slices.
 */
export function costOf(tile: Tile, { rows, columns, depth }: ProductSizes, enough: number): number {
  const blocks = Math.ceil(rows / tile.rows) * Math.ceil(columns / tile.columns);
  const slabs = Math.ceil(depth / tile.depth);
  const multiplyAdds = blocks * tile.rows * tile.columns * slabs * tile.depth;
  const own = tile.threadRows * tile.threadColumns;
  const each =
    1 +
    COST.workgroup * ((tile.threadRows + tile.threadColumns) / own) +
    COST.buffer * (1 / tile.rows + 1 / tile.columns) +
    COST.barrier / (own * tile.depth);
  // A slice walks some slabs at least; see `blocksOf`.
  const slices = Math.max(1, Math.floor(slabs / 8));
  return (multiplyAdds * each) / Math.min(1, (blocks * slices * tile.invocations) / enough);
}

/** The `count` tiles that seem the fastest for a product, of those that the device has room for: what is worth measuring. */
export function likelyTiles(gpu: Gpu, sizes: ProductSizes, count: number): RungName[] {
  const cost = (name: RungName) => costOf(tileOf(name) as Tile, sizes, enoughInvocations(gpu));
  return tiledRungsFor(gpu)
    .sort((a, b) => cost(a) - cost(b))
    .slice(0, count);
}
