/** Eigenvalues of a symmetric matrix from large to small, and their eigenvectors. */
export interface Eigen {
  /** [n] */
  values: Float64Array;
  /** [n, n], each row the unit eigenvector of the value at its place. */
  vectors: Float64Array;
}

/** Sweeps after which the rotations have always converged: they do so quadratically, in about eight for a thousand rows. */
const MOST_SWEEPS = 60;

/**
 * All eigenvalues and eigenvectors of a symmetric matrix by cyclic Jacobi rotations. Each eigenvalue is off by a few ulps of the largest
 * one at most. Time grows with n³ and a large factor: for matrices of a few hundred rows.
 *
 * matrix: [n, n], of which the upper triangle is read.
 *
 * Source: Golub, Van Loan, "Matrix Computations", 4th edition, section 8.5.
 */
export function symmetricEigen(matrix: Float64Array, n: number): Eigen {
  const a = Float64Array.from(matrix, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    return matrix[Math.min(i, j) * n + Math.max(i, j)];
  });
  const v = new Float64Array(n * n);
  for (let i = 0; i < n; i++) v[i * n + i] = 1;
  for (let sweep = 0; sweep < MOST_SWEEPS; sweep++) {
    let rotated = false;
    for (let p = 0; p < n - 1; p++) {
      for (let q = p + 1; q < n; q++) rotated = rotate(a, v, n, p, q) || rotated;
    }
    if (!rotated) break;
  }
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => a[j * n + j] - a[i * n + i] || i - j);
  const vectors = new Float64Array(n * n);
  for (const [row, from] of order.entries()) vectors.set(v.subarray(from * n, (from + 1) * n), row * n);
  return { values: Float64Array.from(order, (i) => a[i * n + i]), vectors };
}

/** Turns rows and columns p and q so that a[p, q] becomes 0; the rows of v turn with them. False where it is 0 but for rounding. */
function rotate(a: Float64Array, v: Float64Array, n: number, p: number, q: number): boolean {
  const apq = a[p * n + q];
  const app = a[p * n + p];
  const aqq = a[q * n + q];
  if (Math.abs(apq) <= Number.EPSILON * 0.5 * Math.sqrt(Math.abs(app) * Math.abs(aqq)) || Math.abs(apq) < 1e-290) {
    return false;
  }
  const theta = (aqq - app) / (2 * apq);
  const t = Math.sign(theta || 1) / (Math.abs(theta) + Math.hypot(theta, 1));
  const c = 1 / Math.hypot(t, 1);
  const s = t * c;
  turnRows(a, n, p, q, c, s);
  for (let k = 0; k < n; k++) {
    const akp = a[k * n + p];
    const akq = a[k * n + q];
    a[k * n + p] = c * akp - s * akq;
    a[k * n + q] = s * akp + c * akq;
  }
  a[p * n + p] = app - t * apq;
  a[q * n + q] = aqq + t * apq;
  a[p * n + q] = 0;
  a[q * n + p] = 0;
  turnRows(v, n, p, q, c, s);
  return true;
}

function turnRows(m: Float64Array, n: number, p: number, q: number, c: number, s: number): void {
  for (let k = 0; k < n; k++) {
    const mp = m[p * n + k];
    const mq = m[q * n + k];
    m[p * n + k] = c * mp - s * mq;
    m[q * n + k] = s * mp + c * mq;
  }
}
