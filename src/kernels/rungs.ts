import type { Gpu } from './gpu.ts';

/** Versions of a kernel. Each is correct wherever it can run; the naive one, which can run everywhere, is the others' oracle. */
export const RUNGS = ['naive', 'tiled', 'subgroup'] as const;
export type Rung = (typeof RUNGS)[number];

/**
 * Kinds of work that may each be fastest on another rung. Narrow: fewer than 64 columns, which a tile of a GPU does not fill. Few channels: an
 * input whose channels are no multiple of 4, as a first layer's.
 */
export const SHAPE_CLASSES = [
  'matmul',
  'matmul-narrow',
  'conv2d',
  'conv2d-narrow',
  'conv2d-few-channels',
  'conv2d-input-grad',
  'conv2d-input-grad-narrow',
  'conv2d-weight-grad',
  'conv2d-weight-grad-narrow',
  'conv2d-weight-grad-few-channels',
] as const;
export type ShapeClass = (typeof SHAPE_CLASSES)[number];

/** The rung to take for each class of shapes. */
export type RungTable = Readonly<Record<ShapeClass, Rung>>;

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
 * A GPU has workgroup memory for the purpose; `tuneRungs` measures which rung is best there.
 */
const PREFERENCE: Readonly<Record<'software' | 'hardware', readonly Rung[]>> = {
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

/** What a dispatch is told of how its work is cut. */
export interface Grid {
  params: Readonly<Record<string, number>>;
  constants?: Readonly<Record<string, number>>;
  workgroups: readonly [number, number?, number?];
}

/** How to dispatch a subgroup kernel whose groups of `span` lanes own a block of rows × span vec4 columns each. */
export interface SubgroupGrid extends Grid {
  params: { span: number };
  constants: { WORKGROUP: number };
  workgroups: [number, number, number];
}

/** The matrix that a kernel computes in blocks. */
export interface BlockWork {
  rows: number;
  /** In elements; a multiple of 4. */
  columns: number;
  /** Of the grid's third dimension: partial results, or parts of the work that share nothing. Default 1. */
  slices?: number;
  /** Rows that a subgroup kernel gives to a group of lanes. Default 32. */
  blockRows?: number;
}

/**
 * The grid of a subgroup kernel. Where the columns do not fill a subgroup, it is
 * split into groups of lanes that take different rows. An adapter may choose between subgroup sizes: small ones need more workgroups to
 * span the columns, large ones more to span the rows, and the grid has enough for either.
 */
export function subgroupGrid(gpu: Gpu, { rows, columns, slices = 1, blockRows = 32 }: BlockWork): SubgroupGrid {
  const [smallest, largest] = gpu.adapter.subgroupSizes;
  const workgroup = Math.max(32, largest);
  const span = Math.min(largest, 2 ** Math.ceil(Math.log2(columns / 4)));
  const rowsPerWorkgroup = blockRows * (workgroup / span);
  return {
    params: { span },
    constants: { WORKGROUP: workgroup },
    workgroups: [Math.ceil(columns / (4 * Math.min(smallest, span))), Math.ceil(rows / rowsPerWorkgroup), slices],
  };
}

/** The grid of a tiled kernel, whose workgroups own 64 × 64 tiles. */
export function tiledGrid({ rows, columns, slices = 1 }: BlockWork): Grid {
  return { params: {}, workgroups: [Math.ceil(columns / 64), Math.ceil(rows / 64), slices] };
}

/** Rungs that this adapter can run, from the fastest on. */
export function rungsFor(gpu: Gpu): Rung[] {
  const preferred = PREFERENCE[gpu.adapter.software ? 'software' : 'hardware'];
  return preferred.filter((rung) => rung !== 'subgroup' || gpu.adapter.subgroupSizes[0] > 0);
}

/** The rung to take: the one forced by `gpu.forcedRung` where it can run and its shape `fits`, else that of the table, else the fastest that does. */
export function chooseRung(
  gpu: Gpu,
  shapeClass: ShapeClass,
  fits: Readonly<Record<Exclude<Rung, 'naive'>, boolean>>,
): Rung {
  const able = rungsFor(gpu).filter((rung) => rung === 'naive' || fits[rung]);
  const wanted = [gpu.forcedRung, gpu.rungs[shapeClass]].find((rung) => rung !== undefined && able.includes(rung));
  return wanted ?? able[0];
}
