import type { Gpu } from './gpu.ts';

/**
 * Invocations that keep a device busy: beyond them, cutting a sum into more slices only makes more to add up. A software driver has a few
 * cores of a few lanes, a GPU thousands.
 */
export function enoughInvocations(gpu: Gpu): number {
  return gpu.adapter.software ? 256 : 8192;
}

/**
 * Workgroups for a flat kernel over `invocations`, spread over two dimensions where one would pass the limit of 65,535. The shader finds its
 * index as `id.y · groups.x · workgroup + id.x`.
 */
export function flatGrid(invocations: number, workgroup = 256): [number, number] {
  const groups = Math.ceil(invocations / workgroup);
  const rows = Math.max(1, Math.ceil(groups / 65_535));
  return [Math.ceil(groups / rows), rows];
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
