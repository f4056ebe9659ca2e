import type { DeviceArray } from '../runtime/gpu.ts';
import { dispatch } from './dispatch.ts';
import type { MatmulShape } from './matmul.ts';

/** Sizes of the products of a batch of pairs. */
export interface BatchedMatmulShape extends MatmulShape {
  batch: number;
}

/** C[b] = A[b] · B[b], each of A and B as it lies or transposed. Shape of C: [batch, M, N]. */
export function batchedMatmul(a: DeviceArray<'f32'>, b: DeviceArray<'f32'>, s: BatchedMatmulShape): DeviceArray<'f32'> {
  const { batch, m, n, k, transposeA = false, transposeB = false } = s;
  const { gpu } = a;
  const c = gpu.alloc(batch * m * n, 'f32', 'bmm');
  const { SIDE } = gpu.shader('batched_matmul').constants;
  const count = batch * Math.ceil(m / SIDE) * Math.ceil(n / SIDE);
  dispatch(gpu, 'batched_matmul', {
    operation: 'bmm',
    arrays: { a: [a, batch * m * k], b: [b, batch * k * n], c: [c, batch * m * n] },
    params: {
      ...{ count, m, n, k },
      ...{ a_row: transposeA ? 1 : k, a_column: transposeA ? m : 1 },
      ...{ b_row: transposeB ? 1 : n, b_column: transposeB ? k : 1 },
    },
    invocations: count,
    flops: 2 * batch * m * n * k,
  });
  return c;
}
