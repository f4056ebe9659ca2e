import { TILE_NAMES, TILES, type Tile, type TileName } from './tiles.ts';

/** Versions of a kernel. Each is correct wherever it can run; the naive one, which can run everywhere, is the others' oracle. */
export const RUNGS = ['naive', 'tiled', 'blocked', 'subgroup', 'winograd'] as const;
export type Rung = (typeof RUNGS)[number];

/** A rung; of the blocked one, which is a family, also one of its tiles, as `blocked:64x64x16/8x4`. */
export type RungName = Rung | `blocked:${TileName}`;
export const TILED_RUNGS = TILE_NAMES.map((name) => `blocked:${name}` as const);
export const RUNG_NAMES: readonly RungName[] = [...RUNGS, ...TILED_RUNGS];

/** The rung that a name is of. */
export function rungOf(name: RungName): Rung {
  return name.startsWith('blocked:') ? 'blocked' : (name as Rung);
}

/** The tile that a name gives; undefined where it gives none. */
export function tileOf(name: RungName): Tile | undefined {
  return TILES[name.slice('blocked:'.length) as TileName];
}

/**
 * Kinds of work that may each be fastest on another rung. Narrow: fewer than 64 columns, which a tile of a GPU does not fill. Large K: a small result whose
 * sums are long, so that there are few blocks with much to do. Few channels: an input whose channels are no multiple of 4, as a first layer's. 3x3: of at
 * least 128 channels, at stride 1, which Winograd's method takes, be K large or not. 1×1: a convolution, or its input gradient, that is a product of
 * matrices. Grouped and depthwise: all three passes, whose tiled rung takes four channels at once.
 */
export const SHAPE_CLASSES = [
  'matmul',
  'matmul-narrow',
  'matmul-large-k',
  'conv2d',
  'conv2d-narrow',
  'conv2d-large-k',
  'conv2d-few-channels',
  'conv2d-3x3',
  'conv2d-1x1',
  'conv2d-1x1-narrow',
  'conv2d-input-grad',
  'conv2d-input-grad-narrow',
  'conv2d-input-grad-large-k',
  'conv2d-input-grad-3x3',
  'conv2d-weight-grad',
  'conv2d-weight-grad-narrow',
  'conv2d-weight-grad-few-channels',
  'conv2d-weight-grad-3x3',
  'grouped-conv2d',
  'depthwise-conv2d',
] as const;
export type ShapeClass = (typeof SHAPE_CLASSES)[number];

/** The rung to take for each class of shapes. */
export type RungTable = Readonly<Record<ShapeClass, RungName>>;

/** What is known to come out wrong on an adapter, and so is not used. */
export interface KnownFaults {
  /** Rungs by class of shapes: another one is taken. */
  readonly rungs: Readonly<Partial<Record<ShapeClass, readonly RungName[]>>>;
  /** Shaders that have no rungs, by name: to dispatch one is an error. */
  readonly shaders: readonly string[];
}

/** Nothing known against an adapter. */
export const NO_FAULTS: KnownFaults = { rungs: {}, shaders: [] };

/** Work as a product of matrices: a result of rows × columns, each element a sum of `depth` terms. */
export interface ProductSizes {
  rows: number;
  columns: number;
  depth: number;
}

/** From how many terms on, and up to how many elements of the result, K is large. */
const LARGE_K = { depth: 1024, elements: 2 ** 20 };

/** The class of work that computes a product. */
export function classOf(
  pass: 'matmul' | 'conv2d' | 'conv2d-1x1' | 'conv2d-input-grad' | 'conv2d-weight-grad',
  { rows, columns, depth }: ProductSizes,
): ShapeClass {
  if (columns < 64) return `${pass}-narrow`;
  // A weight gradient's sums are always long, and a 1×1 window's are not.
  if (pass === 'conv2d-weight-grad' || pass === 'conv2d-1x1') return pass;
  return depth >= LARGE_K.depth && rows * columns <= LARGE_K.elements ? `${pass}-large-k` : pass;
}

/**
 * Rungs from the fastest on, by kind of adapter, where nothing was measured. A software driver pays for each element loaded, from workgroup
 * memory as from a buffer, while a shuffle is one instruction: on llvmpipe the subgroup rung is the fastest of every class, as `npm run bench` shows.
 * A GPU has workgroup memory for the purpose. The blocked rung loads less and waits less there than the tiled one, but leaves it to the driver to unroll its
 * loops: `tuneRungs` measures which rung, and which tile, is best. Winograd's is not among them, as its rounding errors are others: it is taken where it is
 * asked for or was measured to be faster.
 */
export const PREFERENCE: Readonly<Record<'software' | 'hardware', readonly Rung[]>> = {
  software: ['subgroup', 'tiled', 'blocked', 'naive'],
  hardware: ['tiled', 'blocked', 'subgroup', 'naive'],
};

/** A table with the same rung for each class. */
export function uniformTable(rung: RungName): RungTable {
  return Object.fromEntries(SHAPE_CLASSES.map((name) => [name, rung])) as Record<ShapeClass, RungName>;
}

/** The table of an adapter on which nothing was measured. */
export function defaultRungs({
  software,
  subgroupSizes,
}: {
  software: boolean;
  subgroupSizes: readonly number[];
}): RungTable {
  const able = PREFERENCE[software ? 'software' : 'hardware'].filter(
    (rung) => rung !== 'subgroup' || subgroupSizes[0] > 0,
  );
  return uniformTable(able[0]);
}
