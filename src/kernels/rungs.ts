import type { Gpu } from './gpu.ts';

/** Versions of a kernel, slow to fast. Each is correct wherever it can run; the naive one is the others' oracle. */
export const RUNGS = ['naive', 'subgroup'] as const;
export type Rung = (typeof RUNGS)[number];

/** How to dispatch a subgroup kernel whose groups of `span` lanes own a block of rows × span vec4 columns each. */
export interface SubgroupGrid {
  params: { span: number };
  constants: { WORKGROUP: number };
  workgroups: [number, number, number];
}

/** The matrix that a subgroup kernel computes. */
export interface SubgroupWork {
  rows: number;
  /** In elements; a multiple of 4. */
  columns: number;
  /** Partial results, to be added up. Default 1. */
  slices?: number;
  /** Rows that the kernel gives to a group of lanes. Default 8. */
  blockRows?: number;
}

/**
 * The grid of a subgroup kernel. Where the columns do not fill a subgroup, it is
 * split into groups of lanes that take different rows. An adapter may choose between subgroup sizes: small ones need more workgroups to
 * span the columns, large ones more to span the rows, and the grid has enough for either.
 */
export function subgroupGrid(gpu: Gpu, { rows, columns, slices = 1, blockRows = 8 }: SubgroupWork): SubgroupGrid {
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

/** The rung to take: the one forced by `gpu.forcedRung` where it can run, else the subgroup one where its shape `fits` and the adapter can. */
export function chooseRung(gpu: Gpu, fits: boolean): Rung {
  const able = fits && gpu.device.features.has('subgroups');
  return able && gpu.forcedRung !== 'naive' ? 'subgroup' : 'naive';
}
