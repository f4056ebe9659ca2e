import type { Gpu } from './gpu.ts';

/** Versions of a kernel. Each is correct wherever it can run; the naive one, which can run everywhere, is the others' oracle. */
export const RUNGS = ['naive', 'tiled', 'subgroup'] as const;
export type Rung = (typeof RUNGS)[number];

/**
 * Rungs from the fastest on, by kind of adapter. A software driver pays for each element loaded, from workgroup memory as from a buffer, while
 * a shuffle is one instruction; a GPU has workgroup memory for the purpose. `npm run bench` measures them beside each other.
 */
const PREFERENCE: Readonly<Record<'software' | 'hardware', readonly Rung[]>> = {
  software: ['subgroup', 'tiled', 'naive'],
  hardware: ['tiled', 'subgroup', 'naive'],
};

/** How to dispatch a subgroup kernel whose groups of `span` lanes own a block of rows × span vec4 columns each. */
export interface SubgroupGrid {
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
export function tiledGrid({ rows, columns, slices = 1 }: BlockWork): {
  params: object;
  workgroups: [number, number, number];
} {
  return { params: {}, workgroups: [Math.ceil(columns / 64), Math.ceil(rows / 64), slices] };
}

/** Rungs that this adapter can run, from the fastest on. */
export function rungsFor(gpu: Gpu): Rung[] {
  const preferred = PREFERENCE[gpu.adapter.software ? 'software' : 'hardware'];
  return preferred.filter((rung) => rung !== 'subgroup' || gpu.device.features.has('subgroups'));
}

/** The rung to take: the one forced by `gpu.forcedRung` where it can run and its shape `fits`, else the fastest that does. */
export function chooseRung(gpu: Gpu, fits: Readonly<Record<Exclude<Rung, 'naive'>, boolean>>): Rung {
  const able = rungsFor(gpu).filter((rung) => rung === 'naive' || fits[rung]);
  return gpu.forcedRung !== undefined && able.includes(gpu.forcedRung) ? gpu.forcedRung : able[0];
}
