import * as kernels from '../../kernels/matmul.ts';
import { ShapeError } from '../../runtime/errors.ts';
import { record } from '../record.ts';
import type { Tensor } from '../tensor.ts';

/** Which operands of `matmul` are transposed. */
export interface MatmulOptions {
  /** Take aᵀ: a is [K, M]. */
  transposeA?: boolean;
  /** Take bᵀ: b is [N, K]. */
  transposeB?: boolean;
}

/**
 * y = a · b, matrices [M, K] and [K, N], each as it lies or transposed. Shape [M, N]. da = dy · bᵀ, db = aᵀ · dy (transposed where a or b is).
 * Throws ShapeError where the shapes do not fit.
 */
export function matmul(a: Tensor, b: Tensor, { transposeA = false, transposeB = false }: MatmulOptions = {}): Tensor {
  if (a.shape.length !== 2 || b.shape.length !== 2) {
    throw new ShapeError(`matmul: both operands must be matrices; their shapes are [${a.shape}] and [${b.shape}].`);
  }
  const [m, k] = transposeA ? [a.shape[1], a.shape[0]] : a.shape;
  const [kb, n] = transposeB ? [b.shape[1], b.shape[0]] : b.shape;
  if (k !== kb) {
    const sides = `[${a.shape}]${transposeA ? 'ᵀ' : ''} and [${b.shape}]${transposeB ? 'ᵀ' : ''}`;
    throw new ShapeError(`matmul: ${sides} do not fit: ${k} columns meet ${kb} rows.`);
  }
  const [as, bs] = [a.buffer, b.buffer];
  return record('matmul', {
    inputs: [a, b],
    output: kernels.matmul(as, bs, { m, n, k, transposeA, transposeB }),
    shape: [m, n],
    settings: { transposeA, transposeB },
    saved: [...(b.requiresGrad ? [as] : []), ...(a.requiresGrad ? [bs] : [])],
    backward: (dy, [needsA, needsB]) => {
      const da = () =>
        transposeA
          ? kernels.matmul(bs, dy, { m: k, n: m, k: n, transposeA: transposeB, transposeB: true })
          : kernels.matmul(dy, bs, { m, n: k, k: n, transposeB: !transposeB });
      const db = () =>
        transposeB
          ? kernels.matmul(dy, as, { m: n, n: k, k: m, transposeA: true, transposeB: transposeA })
          : kernels.matmul(as, dy, { m: k, n, k: m, transposeA: !transposeA });
      return [needsA ? da() : undefined, needsB ? db() : undefined];
    },
  });
}
