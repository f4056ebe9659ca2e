import { PCA_STREAM } from '../../data/random_streams.ts';
import { Philox } from '../../runtime/philox.ts';
import { type Eigen, symmetricEigen } from './jacobi.ts';

/** Below it all eigenvalues are computed at once. */
const SMALL = 48;
/** ‖A·v − λ·v‖ of every pair found, over the largest eigenvalue: a value is then off by its square, far below float64's rounding. */
const RESIDUAL = 1e-9;

/**
 * The `wanted` largest eigenvalues of a symmetric positive semidefinite matrix [n, n] and their unit eigenvectors, in rows.
 *
 * Small matrices by Jacobi rotations. Larger ones by Rayleigh–Ritz over a block Krylov space: a block of vectors, one more than wanted, is multiplied
 * by the matrix again and again. Each result is made orthogonal to all before it. It ends when A·v = λ·v holds for every pair to 1e-9 of the largest
 * λ, or when the space is whole. The first block is drawn by a fixed seed, so the result repeats bit for bit.
 *
 * Source: Saad, "Numerical Methods for Large Eigenvalue Problems", 2nd edition, chapter 6.
 * @throws RangeError where `wanted` is not from 1 to n.
 */
export function largestEigen(matrix: Float64Array, n: number, wanted: number): Eigen {
  if (!(Number.isInteger(wanted) && wanted >= 1 && wanted <= n)) {
    throw new RangeError(`largestEigen: ${wanted} eigenvalues of a matrix of ${n} rows, expected from 1 to ${n}.`);
  }
  if (n <= SMALL) return first(symmetricEigen(matrix, n), wanted, n);
  const space = new KrylovSpace(matrix, n);
  const block = Math.min(wanted + 1, n);
  const generator = new Philox(0, PCA_STREAM);
  let from = 0;
  for (let i = 0; i < block; i++) space.add(drawn(n, generator), generator);
  // The projected problem is solved each time the space has grown by half: its cost stays a fraction of what growing costs.
  for (let next = Math.max(12, 2 * block); ; next = Math.ceil(1.5 * next)) {
    while (space.size < Math.min(next, n)) {
      const end = space.size;
      for (; from < end && space.size < n; from++) space.add(space.image(from).slice(), generator);
    }
    const found = space.ritzPairs(wanted);
    if (space.size >= n || found.residual <= RESIDUAL * found.values[0]) return found;
  }
}

function drawn(n: number, generator: Philox): Float64Array {
  return Float64Array.from({ length: n }, () => generator.normal());
}

function first({ values, vectors }: Eigen, wanted: number, n: number): Eigen {
  return { values: values.slice(0, wanted), vectors: vectors.slice(0, wanted * n) };
}

/** Orthonormal vectors q, their images A·q, and the products qᵀ·A·q between them. */
class KrylovSpace {
  #matrix: Float64Array;
  #n: number;
  #vectors: Float64Array[] = [];
  #images: Float64Array[] = [];
  #products: number[][] = [];

  constructor(matrix: Float64Array, n: number) {
    this.#matrix = matrix;
    this.#n = n;
  }

  get size(): number {
    return this.#vectors.length;
  }

  image(index: number): Float64Array {
    return this.#images[index];
  }

  /** Takes in a direction, or, where the space has it already, a new one drawn at random. */
  add(direction: Float64Array, generator: Philox): void {
    let q = direction;
    while (!this.#orthonormalise(q)) q = drawn(this.#n, generator);
    const image = multiply(this.#matrix, q);
    this.#vectors.push(q);
    this.#images.push(image);
    this.#products.push(this.#vectors.map((other) => dot(other, image)));
  }

  /** In place; false where nothing but rounding is left of it. Twice, because once leaves rounding of what was taken away. */
  #orthonormalise(q: Float64Array): boolean {
    const before = Math.sqrt(dot(q, q));
    for (let pass = 0; pass < 2; pass++) {
      for (const other of this.#vectors) addScaled(q, -dot(other, q), other);
    }
    const norm = Math.sqrt(dot(q, q));
    if (!(norm > 1e-12 * before)) return false;
    for (let i = 0; i < q.length; i++) q[i] /= norm;
    for (const other of this.#vectors) addScaled(q, -dot(other, q), other);
    return true;
  }

  /** The best approximations that the space holds, and the largest ‖A·v − λ·v‖ among them. */
  ritzPairs(wanted: number): Eigen & { residual: number } {
    const m = this.size;
    const n = this.#n;
    const projected = new Float64Array(m * m);
    for (const [j, column] of this.#products.entries()) {
      for (const [i, product] of column.entries()) projected[i * m + j] = product;
    }
    const { values, vectors } = symmetricEigen(projected, m);
    const found = new Float64Array(wanted * n);
    let residual = 0;
    for (let k = 0; k < wanted; k++) {
      const v = found.subarray(k * n, (k + 1) * n);
      const difference = new Float64Array(n);
      for (let i = 0; i < m; i++) {
        addScaled(v, vectors[k * m + i], this.#vectors[i]);
        addScaled(difference, vectors[k * m + i], this.#images[i]);
      }
      addScaled(difference, -values[k], v);
      residual = Math.max(residual, Math.sqrt(dot(difference, difference)));
    }
    return { values: values.slice(0, wanted), vectors: found, residual };
  }
}

function multiply(matrix: Float64Array, x: Float64Array): Float64Array {
  const n = x.length;
  return Float64Array.from(x, (_, i) => dot(matrix.subarray(i * n, (i + 1) * n), x));
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

function addScaled(a: Float64Array, factor: number, b: Float64Array): void {
  for (let i = 0; i < a.length; i++) a[i] += factor * b[i];
}
