import type { Gpu } from './gpu.ts';

/**
 * Invocations that keep a device busy: beyond them, cutting a sum into more slices only makes more to add up. A software driver has a few
 * cores of a few lanes, a GPU thousands.
 */
export function enoughInvocations(gpu: Gpu): number {
  return gpu.adapter.software ? 256 : 8192;
}

/** Most workgroups of a dimension, on every adapter. */
const MOST_WORKGROUPS = 65_535;

/** Into how many rows a line of workgroups is cut where it is longer than a dimension may be. */
export function spreadRows(groups: number, most = MOST_WORKGROUPS): number {
  return Math.max(1, Math.ceil(groups / most));
}

/** A line of workgroups over two dimensions. The shader finds its own as `group.y · groups.x + group.x`. */
export function spreadGroups(groups: number): [number, number] {
  const rows = spreadRows(groups);
  return [Math.ceil(groups / rows), rows];
}

/** Workgroups in the first dimension of a kernel's grid that hold so many invocations. */
export function groupsFor(gpu: Gpu, shader: string, invocations: number): number {
  return Math.ceil(invocations / Number(gpu.shader(shader).workgroup[0]));
}

/** What a dispatch is told of how its work is cut. */
export interface Grid {
  params: Readonly<Record<string, number>>;
  constants?: Readonly<Record<string, number>>;
  workgroups?: readonly [number, number?, number?];
  invocations?: number;
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
}

/**
 * The grid of a subgroup kernel. blockRows: rows that it gives to a group of lanes, as its shader says. Where the columns do not fill a subgroup, it is
 * split into groups of lanes that take different rows. An adapter may choose between subgroup sizes: small ones need more workgroups to
 * span the columns, large ones more to span the rows, and the grid has enough for either.
 */
export function subgroupGrid(gpu: Gpu, blockRows: number, { rows, columns, slices = 1 }: BlockWork): SubgroupGrid {
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

/** The grid of a tiled kernel, whose workgroups own square tiles. side: elements of a tile's side, as its shader says. */
export function tiledGrid(side: number, { rows, columns, slices = 1 }: BlockWork): Grid {
  return { params: {}, workgroups: [Math.ceil(columns / side), Math.ceil(rows / side), slices] };
}
