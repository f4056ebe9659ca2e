import { batchedMatmul } from '../../kernels/batched_matmul.ts';
import { ShapeError } from '../../runtime/errors.ts';
import { record } from '../record.ts';
import type { Tensor } from '../tensor.ts';
import type { MatmulOptions } from './matmul.ts';

/**
 * y[b] = a[b] · b[b] for each index of the batch: [B, M, K] and [B, K, N], the matrices as they lie or transposed. Shape [B, M, N].
 * da = dy · bᵀ, db = aᵀ · dy (transposed where a or b is). Throws ShapeError where the shapes do not fit.
 */
export function bmm(a: Tensor, b: Tensor, { transposeA = false, transposeB = false }: MatmulOptions = {}): Tensor {
  if (a.shape.length !== 3 || b.shape.length !== 3 || a.shape[0] !== b.shape[0]) {
    throw new ShapeError(
      `bmm: both operands must be [B, rows, columns] with one B; their shapes are [${a.shape}] and [${b.shape}].`,
    );
  }
  const [batch] = a.shape;
  const [m, k] = transposeA ? [a.shape[2], a.shape[1]] : a.shape.slice(1);
  const [kb, n] = transposeB ? [b.shape[2], b.shape[1]] : b.shape.slice(1);
  if (k !== kb) {
    const sides = `[${a.shape}]${transposeA ? 'ᵀ' : ''} and [${b.shape}]${transposeB ? 'ᵀ' : ''}`;
    throw new ShapeError(`bmm: ${sides} do not fit: ${k} columns meet ${kb} rows.`);
  }
  const [as, bs] = [a.buffer, b.buffer];
  return record('bmm', {
    inputs: [a, b],
    output: batchedMatmul(as, bs, { batch, m, n, k, transposeA, transposeB }),
    shape: [batch, m, n],
    saved: [...(b.requiresGrad ? [as] : []), ...(a.requiresGrad ? [bs] : [])],
    backward: (dy, [needsA, needsB]) => {
      const da = () =>
        transposeA
          ? batchedMatmul(bs, dy, { batch, m: k, n: m, k: n, transposeA: transposeB, transposeB: true })
          : batchedMatmul(dy, bs, { batch, m, n: k, k: n, transposeB: !transposeB });
      const db = () =>
        transposeB
          ? batchedMatmul(dy, as, { batch, m: n, n: k, k: m, transposeA: true, transposeB: transposeA })
          : batchedMatmul(as, dy, { batch, m: k, n, k: m, transposeA: !transposeA });
      return [needsA ? da() : undefined, needsB ? db() : undefined];
    },
  });
}
