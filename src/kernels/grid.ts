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
