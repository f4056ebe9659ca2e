import type { DeviceLimits } from './adapter.ts';

/**
 * The tiles of the blocked rung: rows × columns × depth / rows × columns of an invocation. A workgroup owns a block of so many rows and columns of a
 * result and walks the sum in slabs so deep; each of its invocations keeps a part of the block in registers. The first is taken where nothing was measured:
 * it fits what WebGPU grants on every adapter.
 */
export const TILE_NAMES = [
  '64x64x16/4x4',
  '32x32x32/4x4',
  '128x32x8/8x4',
  '64x64x16/8x4',
  '64x64x16/8x8',
  '128x64x16/8x8',
  '128x128x8/8x8',
  '128x128x16/8x8',
] as const;
export type TileName = (typeof TILE_NAMES)[number];

/** A tile's sizes. */
export interface Tile {
  name: TileName;
  /** Of the block that a workgroup owns. */
  rows: number;
  columns: number;
  /** Terms of the sum that a slab holds. */
  depth: number;
  /** Of the part that an invocation owns. */
  threadRows: number;
  threadColumns: number;
  /** Of a workgroup. */
  invocations: number;
  /** Of workgroup memory: two slabs of each operand. */
  bytes: number;
  /** What the constants of a shader `…_blocked.wgsl` are set to. */
  constants: Readonly<Record<string, number>>;
}

function read(name: TileName): Tile {
  const [rows, columns, depth, threadRows, threadColumns] = name.split(/[x/]/).map(Number);
  const invocations = (rows / threadRows) * (columns / threadColumns);
  return {
    ...{ name, rows, columns, depth, threadRows, threadColumns, invocations },
    bytes: 2 * 4 * depth * (rows + columns),
    constants: {
      ...{ ROWS: rows, COLUMNS: columns, DEPTH: depth, THREAD_ROWS: threadRows, THREAD_COLUMNS: threadColumns },
      INVOCATIONS: invocations,
    },
  };
}

/** The tiles by name. */
export const TILES = Object.fromEntries(TILE_NAMES.map((name) => [name, read(name)])) as Readonly<
  Record<TileName, Tile>
>;

/** Whether a device has the invocations and the workgroup memory that a tile takes. */
export function hasRoomFor(limits: DeviceLimits, { invocations, bytes }: Tile): boolean {
  return invocations <= limits.workgroupInvocations && bytes <= limits.workgroupBytes;
}

/** The sets of constants that a shader is compiled with, besides those in its text: one for each tile where it is of the blocked rung. */
export function constantSets(shader: string): readonly Readonly<Record<string, number>>[] {
  return shader.endsWith('_blocked') ? TILE_NAMES.map((name) => TILES[name].constants) : [];
}
