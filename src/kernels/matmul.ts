import { chooseRung, type Fits } from '../runtime/choose_rung.ts';
import type { DeviceArray, Gpu } from '../runtime/gpu.ts';
import { subgroupGrid, tiledGrid } from '../runtime/grid.ts';
import { classOf, type RungName, tileOf } from '../runtime/rungs.ts';
import { blocksOf } from './blocks.ts';
import { dispatch } from './dispatch.ts';
import { fill } from './elementwise.ts';
import { sumSlices } from './weight_slices.ts';

type F32 = DeviceArray<'f32'>;

export interface MatmulShape {
  m: number;
  n: number;
  k: number;
  /** A lies as [K, M]. */
  transposeA?: boolean;
  /** B lies as [N, K]. */
  transposeB?: boolean;
}

/** y[s, c, r] = x[s, r, c]. */
export function transpose(x: F32, stack: number, rows: number, columns: number): F32 {
  const count = stack * rows * columns;
  const y = x.gpu.alloc(count, 'f32', 'transpose', x.storage);
  const arrays = { x: [x, count], y: [y, count] } as const;
  if (rows % 4 === 0 && columns % 4 === 0) {
    const params = { count: count / 16, rows: rows / 4, columns: columns / 4 };
    dispatch(x.gpu, 'transpose_vec4', { arrays, params, invocations: count / 16, flops: 0 });
  } else {
    const params = { count, rows, columns };
    dispatch(x.gpu, 'transpose', { arrays, params, invocations: count, flops: 0 });
  }
  return y;
}

/** Which rungs take a product; the subgroup and blocked ones load four numbers along K at once. */
const fitsOf = ({ n, k }: MatmulShape): Fits => {
  const quads = n % 4 === 0 && k % 4 === 0;
  return { tiled: n % 4 === 0, blocked: quads, subgroup: quads };
};

/** The naive rung, which reads its operands as they lie. */
function matmulNaive(a: F32, b: F32, { m, n, k, transposeA, transposeB }: MatmulShape, operation: string): F32 {
  const c = a.gpu.alloc(m * n, 'f32', operation);
  dispatch(a.gpu, 'matmul_naive', {
    operation,
    arrays: { a: [a, m * k], b: [b, k * n], c: [c, m * n] },
    params: {
      ...{ m, n, k },
      ...{ a_row: transposeA ? 1 : k, a_column: transposeA ? m : 1 },
      ...{ b_row: transposeB ? 1 : n, b_column: transposeB ? k : 1 },
    },
    invocations: m * n,
    flops: 2 * m * n * k,
  });
  return c;
}

/** The shader of a fast rung and how it is dispatched. */
function planOf(gpu: Gpu, rung: RungName, { m, n, k }: MatmulShape) {
  const work = { rows: m, columns: n };
  const tile = tileOf(rung);
  if (tile) return { shader: 'matmul_blocked', ...blocksOf(gpu, tile, { ...work, steps: Math.ceil(k / tile.depth) }) };
  const shader = rung === 'tiled' ? 'matmul_tiled' : 'matmul_subgroup';
  const { QUADS, ROWS, LOADS } = gpu.shader(shader).constants;
  const grid = rung === 'tiled' ? tiledGrid(4 * QUADS, work) : subgroupGrid(gpu, ROWS, work);
  return { shader, ...grid, slices: 1, params: Object.assign({ loads: ROWS / LOADS }, grid.params) };
}

/**
 * C = A · B, each of A and B as it lies or transposed. Shape of C: [M, N]. `operation`: what errors and profiles call it. `rung`: where it was chosen
 * already, one that fits.
 */
export function matmul(a: F32, b: F32, shape: MatmulShape, operation = 'matmul', rung?: RungName): F32 {
  const { m, n, k, transposeA = false, transposeB = false } = shape;
  const { gpu } = a;
  // An empty sum is 0; the fast rungs take it that there is something to load.
  if (m * n * k === 0) return fill(gpu, m * n, 0);
  const taken = rung ?? chooseRung(gpu, classOf('matmul', { rows: m, columns: n, depth: k }), fitsOf(shape));
  if (taken === 'naive') return matmulNaive(a, b, shape, operation);
  // The fast rungs read rows, save that the subgroup rung turns B itself. Else an operand is turned in one pass over it, little beside the product.
  const turned = transposeB && taken === 'subgroup';
  const rows = transposeA ? transpose(a, 1, k, m) : a;
  const columns = transposeB && !turned ? transpose(b, 1, n, k) : b;
  const { shader, constants, workgroups, slices, params } = planOf(gpu, taken, shape);
  const c = gpu.alloc(slices * m * n, 'f32', operation);
  dispatch(gpu, shader, {
    operation,
    arrays: { a: [rows, m * k], b: [columns, k * n], c: [c, slices * m * n] },
    constants,
    params: Object.assign({ m, n, k, turned: Number(turned) }, params),
    workgroups,
    flops: 2 * m * n * k,
  });
  if (rows !== a) gpu.drop(rows);
  if (columns !== b) gpu.drop(columns);
  return sumSlices(c, slices, m * n);
}
