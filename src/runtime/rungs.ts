/** Versions of a kernel. Each is correct wherever it can run; the naive one, which can run everywhere, is the others' oracle. */
export const RUNGS = ['naive', 'tiled', 'subgroup', 'winograd'] as const;
export type Rung = (typeof RUNGS)[number];

/**
 * Kinds of work that may each be fastest on another rung. Narrow: fewer than 64 columns, which a tile of a GPU does not fill. Few channels: an
 * input whose channels are no multiple of 4, as a first layer's. 3x3: of at least 128 channels, at stride 1, which Winograd's method takes. Grouped and depthwise: all three passes, whose tiled rung takes four channels at once.
 */
export const SHAPE_CLASSES = [
  'matmul',
  'matmul-narrow',
  'conv2d',
  'conv2d-narrow',
  'conv2d-few-channels',
  'conv2d-3x3',
  'conv2d-input-grad',
  'conv2d-input-grad-narrow',
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
export type RungTable = Readonly<Record<ShapeClass, Rung>>;

/** What is known to come out wrong on an adapter, and so is not used. */
export interface KnownFaults {
  /** Rungs by class of shapes: another one is taken. */
  readonly rungs: Readonly<Partial<Record<ShapeClass, readonly Rung[]>>>;
  /** Shaders that have no rungs, by name: to dispatch one is an error. */
  readonly shaders: readonly string[];
}

/** Nothing known against an adapter. */
export const NO_FAULTS: KnownFaults = { rungs: {}, shaders: [] };

/** The class of a shape whose result has `columns` columns. */
export function classOf<Pass extends 'matmul' | 'conv2d' | 'conv2d-input-grad' | 'conv2d-weight-grad'>(
  pass: Pass,
  columns: number,
): Pass | `${Pass}-narrow` {
  return columns < 64 ? `${pass}-narrow` : pass;
}

/**
 * Rungs from the fastest on, by kind of adapter, where nothing was measured. A software driver pays for each element loaded, from workgroup
 * memory as from a buffer, while a shuffle is one instruction: on llvmpipe the subgroup rung is the fastest of every class, as `npm run bench` shows.
 * A GPU has workgroup memory for the purpose; `tuneRungs` measures which rung is best there. Winograd's is
 * not among them, as its rounding errors are others: it is taken where it is asked for or was measured to be faster.
 */
export const PREFERENCE: Readonly<Record<'software' | 'hardware', readonly Rung[]>> = {
  software: ['subgroup', 'tiled', 'naive'],
  hardware: ['tiled', 'subgroup', 'naive'],
};

/** A table with the same rung for each class. */
export function uniformTable(rung: Rung): RungTable {
  return Object.fromEntries(SHAPE_CLASSES.map((name) => [name, rung])) as Record<ShapeClass, Rung>;
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
