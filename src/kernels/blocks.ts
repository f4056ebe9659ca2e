import type { Gpu } from '../runtime/gpu.ts';
import type { BlockWork } from '../runtime/grid.ts';
import type { Tile } from '../runtime/tiles.ts';
import { weightGradSlices } from './weight_slices.ts';

/** How a kernel of the blocked rung is dispatched. */
export interface Blocks {
  constants: Readonly<Record<string, number>>;
  workgroups: [number, number, number];
  /** Partial results, to be added up. */
  slices: number;
  params: { slice_steps: number };
}

/** A slice walks at least so many slabs, so that they outweigh adding the slices up. */
const LEAST_STEPS = 8;

/**
 * Blocks of a result of rows × columns, whose sum is walked in `steps` slabs: where there are too few blocks to keep the device busy, the sum is cut into
 * slices. phases: parts of the result that share nothing, each of these rows and columns, in turn along z. whole: not to cut it, as partial sums in half
 * precision would lose what float32 keeps.
 */
export function blocksOf(
  gpu: Gpu,
  tile: Tile,
  { rows, columns, steps, phases = 1, whole = false }: BlockWork & { steps: number; phases?: number; whole?: boolean },
): Blocks {
  const [across, down] = [Math.ceil(columns / tile.columns), Math.ceil(rows / tile.rows)];
  const most = whole ? 1 : Math.max(1, Math.floor(steps / LEAST_STEPS));
  const wanted = weightGradSlices(gpu, phases * rows * columns, phases * across * down * tile.invocations, most);
  const slice_steps = Math.ceil(steps / wanted);
  const slices = Math.max(1, Math.ceil(steps / slice_steps));
  return {
    constants: tile.constants,
    workgroups: [across, down, phases * slices],
    slices,
    params: { slice_steps },
  };
}
