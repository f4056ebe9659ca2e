import { formatTable } from '../src/lab/terminal/text_table.ts';
import { TILE_NAMES, TILES, type Tile } from '../src/runtime/tiles.ts';

/** What a tile does for one element of a result, counted from its sizes: blocks that lie within the result, not cut into slices. */
export interface TileCounts {
  /** Invocations of a workgroup, bytes of the memory that they share, and numbers that each keeps of the result. */
  invocations: number;
  workgroupBytes: number;
  registers: number;
  /** Load instructions from buffers, and their bytes. */
  bufferLoads: number;
  bufferBytes: number;
  /** Load instructions from workgroup memory and their bytes, and store instructions to it. */
  workgroupLoads: number;
  workgroupBytesLoaded: number;
  workgroupStores: number;
  multiplyAdds: number;
  /** Barriers of a workgroup, over the elements of its block. */
  barriers: number;
}

const BYTES_OF_VEC4 = 16;

/** Counts for a sum of so many terms, which slabs fill. */
export function countsOf(tile: Tile, terms: number): TileCounts {
  const { rows, columns, depth, threadRows, threadColumns, invocations } = tile;
  const slabs = Math.ceil(terms / depth);
  // All invocations take part in each load, in the last of a slab perhaps some for nothing.
  const loadsOf = (elements: number) => Math.ceil(elements / 4 / invocations) * invocations;
  const loaded = (slabs * (loadsOf(rows * depth) + loadsOf(columns * depth))) / (rows * columns);
  const stored = (slabs * (((rows + columns) * depth) / 4)) / (rows * columns);
  // Four terms at a time: a vec4 for each row, and four rows of vec4s.
  const read = (slabs * (depth / 4) * (threadRows + threadColumns)) / (threadRows * threadColumns);
  return {
    ...{ invocations, workgroupBytes: tile.bytes, registers: threadRows * threadColumns },
    ...{ bufferLoads: loaded, bufferBytes: loaded * BYTES_OF_VEC4 },
    ...{ workgroupLoads: read, workgroupBytesLoaded: read * BYTES_OF_VEC4, workgroupStores: stored },
    ...{ multiplyAdds: slabs * depth, barriers: slabs / (rows * columns) },
  };
}

/** The same of the tiled rung, whose tile is 64×64×16, 4×4 an invocation: it loads its left operand one by one, and waits twice for a slab. */
export function countsOfTiledRung(terms: number): TileCounts {
  const like = countsOf(TILES['64x64x16/4x4'], terms);
  const slabs = Math.ceil(terms / 16);
  const invocations = 256;
  return {
    ...like,
    workgroupBytes: like.workgroupBytes / 2,
    bufferLoads: (slabs * invocations * (4 + 1)) / (64 * 64),
    bufferBytes: (slabs * invocations * (4 * 4 + BYTES_OF_VEC4)) / (64 * 64),
    barriers: 2 * like.barriers,
  };
}

/** Terms of the sum in the table: a window of 3×3 over 64 channels. */
const TERMS = 576;

const short = (value: number) => `${Number(value.toPrecision(4))}`;

/** The table of all tiles, beside the tiled rung. */
export function tilesTable(): string {
  const all = [
    ['tiled', countsOfTiledRung(TERMS)] as const,
    ...TILE_NAMES.map((name) => [name, countsOf(TILES[name], TERMS)] as const),
  ];
  const rows = all.map(([name, counts]) => [
    ...[name, counts.invocations, counts.workgroupBytes / 1024, counts.registers],
    ...[short(counts.bufferLoads), short(counts.bufferBytes)],
    ...[short(counts.workgroupLoads), short(counts.workgroupBytesLoaded), short(counts.workgroupStores)],
    ...[counts.multiplyAdds, short(1000 * counts.barriers)],
  ]);
  const header = ['tile', 'invocations', 'KiB shared', 'outputs each', 'buffer loads', 'bytes'];
  const rest = ['workgroup loads', 'bytes', 'stores', 'multiply-adds', 'barriers, ‰'];
  return `${formatTable([...header, ...rest], rows)}\nInstructions and bytes for one element of a result whose sum has ${TERMS} terms; counted, not measured.`;
}
