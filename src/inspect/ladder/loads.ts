import type { Conv2dShape } from '../../kernels/conv2d.ts';
import { tilingOf } from '../../kernels/winograd.ts';
import type { Gpu } from '../../runtime/gpu.ts';
import { subgroupGrid } from '../../runtime/grid.ts';

/** Elements loaded for one multiply-add. */
export interface Loads {
  /** From storage buffers. */
  buffer: number;
  /** From workgroup memory. */
  workgroup: number;
}

/** What the loads of a product depend on besides its shader: the columns of its result, and the taps of a row that share what is loaded. */
export interface SharedSizes {
  columns: number;
  sharing: number;
}

/**
 * Loads of the kernels that compute a product, matmul and the convolutions, counted from how their shaders cut the work: an invocation that owns a block
 * of rows × columns of the result loads rows + columns elements for rows · columns multiply-adds, and what lanes hand each other by shuffles is
 * loaded by one of them. Borders of the result, and dispatches that only turn or add, are left out.
 */
export function loadsOfProduct(gpu: Gpu, shader: string, { columns, sharing }: SharedSizes): Loads {
  const { ROWS, COLUMNS, THREAD_ROWS, THREAD_COLUMNS, HALO, QUADS, TAPS } = gpu.shader(shader).constants;
  if (shader.includes('naive')) return { buffer: 2, workgroup: 0 };
  // Each element of a slab meets the other slab's 4 · QUADS; an invocation reads 4 + 4 elements of both for its 4 × 4 multiply-adds.
  if (shader.includes('tiled')) return { buffer: 2 / (4 * QUADS), workgroup: 8 / 16 };
  // The same by the shader's own tile, the usual one.
  if (shader.includes('blocked')) {
    return { buffer: 1 / ROWS + 1 / COLUMNS, workgroup: 1 / THREAD_ROWS + 1 / THREAD_COLUMNS };
  }
  const { span } = subgroupGrid(gpu, 1, { rows: 1, columns }).params;
  // A block has 4 columns for each of the `span` lanes; its rows are pixels, or taps.
  const product = (rows: number) => ({ buffer: 1 / (4 * span) + 1 / rows, workgroup: 0 });
  if (shader === 'conv2d_subgroup') {
    const loaded = Math.ceil((ROWS + sharing - 1) / HALO) * HALO;
    return { buffer: loaded / (ROWS * sharing * 4 * span) + 1 / ROWS, workgroup: 0 };
  }
  if (shader === 'conv2d_weight_grad_subgroup_row') {
    return { buffer: 1 / (3 * 4 * span) + 1 / (3 * 4 * QUADS), workgroup: 0 };
  }
  return product(ROWS ?? TAPS ?? 4 * QUADS);
}

/**
 * Loads of Winograd's method for one multiply-add of the direct one: those of its products, on the subgroup rung, and of its transforms, which load X and
 * the weights, or dY, and what the products gave.
 */
export function loadsOfWinograd(gpu: Gpu, s: Conv2dShape, weightGrad: boolean): Loads {
  const { side, places, tiles } = tilingOf(s);
  const { span } = subgroupGrid(gpu, 1, { rows: 1, columns: s.co }).params;
  const pairs = s.ci * s.co;
  const products = places * tiles * pairs * (1 / (4 * span) + 1 / gpu.shader('matmul_subgroup').constants.ROWS);
  const transforms = weightGrad
    ? tiles * (places * s.ci + side * side * s.co) + places * pairs
    : tiles * places * (s.ci + s.co) + 9 * pairs;
  return { buffer: (products + transforms) / (9 * pairs * s.n * s.oh * s.ow), workgroup: 0 };
}
