import { largestEigen } from './largest_eigen.ts';

/** Features to project. */
export interface PcaInput {
  /** [N, D] */
  features: Float32Array;
  /** D. */
  dimensions: number;
  /** Components to keep. Default 2. */
  components?: number;
}

/** Features along their principal components. */
export interface Pca {
  /** [N, K] coordinates along the components. */
  points: Float64Array;
  /** [K, D] unit vectors. */
  components: Float64Array;
  /** [D] */
  mean: Float64Array;
  /** [K] variance along each component, over N − 1. */
  explainedVariance: Float64Array;
  /** [K] the same as shares of the whole variance; 0 where there is none. */
  explainedVarianceRatio: Float64Array;
}

/**
 * Principal components, as scikit-learn's `PCA`, in float64: the directions of the largest variance, from the eigenvectors of XᵀX or XXᵀ,
 * whichever is smaller (see `largestEigen` for the accuracy).
 *
 * Sign: the loading of the largest magnitude in each component is positive, the first of equal ones, as in scikit-learn from 1.5 on; before,
 * it looked at the points instead, and its components may be the negatives of these.
 *
 * @throws RangeError where sizes do not fit, a feature is not finite, or more components are asked for than min(N, D).
 */
export function pca({ features, dimensions, components: wanted = 2 }: PcaInput): Pca {
  const count = features.length / dimensions;
  check(features, count, dimensions, wanted);
  const { centred, mean } = centre(features, count, dimensions);
  const total = centred.reduce((sum, value) => sum + value * value, 0) / (count - 1);
  const components =
    dimensions <= count ? fromCovariance(centred, dimensions, wanted) : fromGram(centred, count, dimensions, wanted);
  for (let k = 0; k < wanted; k++) orient(components.subarray(k * dimensions, (k + 1) * dimensions));

  const points = new Float64Array(count * wanted);
  const explainedVariance = new Float64Array(wanted);
  for (let i = 0; i < count; i++) {
    for (let k = 0; k < wanted; k++) {
      let sum = 0;
      for (let d = 0; d < dimensions; d++) sum += centred[i * dimensions + d] * components[k * dimensions + d];
      points[i * wanted + k] = sum;
      explainedVariance[k] += (sum * sum) / (count - 1);
    }
  }
  return {
    points,
    components,
    mean,
    explainedVariance,
    explainedVarianceRatio: explainedVariance.map((variance) => (total > 0 ? variance / total : 0)),
  };
}

function check(features: Float32Array, count: number, dimensions: number, wanted: number): void {
  if (!(Number.isInteger(dimensions) && dimensions > 0 && Number.isInteger(count) && count >= 2)) {
    throw new RangeError(
      `pca: ${features.length} features in points of ${dimensions}, expected two points or more, all of that many.`,
    );
  }
  if (!(Number.isInteger(wanted) && wanted >= 1 && wanted <= Math.min(count, dimensions))) {
    throw new RangeError(
      `pca: ${wanted} components of ${count} points with ${dimensions} features, expected from 1 to ${Math.min(count, dimensions)}.`,
    );
  }
  const wrong = features.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) {
    const place = `feature ${wrong % dimensions} of point ${Math.floor(wrong / dimensions)}`;
    throw new RangeError(`pca: ${place} is ${features[wrong]}, expected finite numbers.`);
  }
}

function centre(features: Float32Array, count: number, dimensions: number) {
  const mean = new Float64Array(dimensions);
  for (let at = 0; at < features.length; at++) mean[at % dimensions] += features[at];
  for (let d = 0; d < dimensions; d++) mean[d] /= count;
  return { centred: Float64Array.from(features, (value, at) => value - mean[at % dimensions]), mean };
}

function fromCovariance(centred: Float64Array, dimensions: number, wanted: number): Float64Array {
  return largestEigen(crossProducts(centred, dimensions), dimensions, wanted).vectors;
}

/** An eigenvector u of XXᵀ gives the component Xᵀu, up to its length. */
function fromGram(centred: Float64Array, count: number, dimensions: number, wanted: number): Float64Array {
  const transposed = transpose(centred, count, dimensions);
  const { vectors } = largestEigen(crossProducts(transposed, count), count, wanted);
  const components = new Float64Array(wanted * dimensions);
  let longest = 0;
  for (let k = 0; k < wanted; k++) {
    const component = components.subarray(k * dimensions, (k + 1) * dimensions);
    for (let i = 0; i < count; i++) {
      for (let d = 0; d < dimensions; d++) component[d] += vectors[k * count + i] * centred[i * dimensions + d];
    }
    longest = Math.max(longest, normalise(components, k, dimensions, longest));
  }
  return components;
}

/** Mᵀ·M of a matrix with `columns` columns, four of its rows at a time: the result is far larger than a row and goes by memory each time. */
function crossProducts(matrix: Float64Array, columns: number): Float64Array {
  const products = new Float64Array(columns * columns);
  const rows = matrix.length / columns;
  const padded = new Float64Array(Math.ceil(rows / 4) * 4 * columns);
  padded.set(matrix);
  for (let row = 0; row < rows; row += 4) {
    const [a, b, c, d] = [0, 1, 2, 3].map((i) => padded.subarray((row + i) * columns, (row + i + 1) * columns));
    for (let i = 0; i < columns; i++) {
      const [ai, bi, ci, di] = [a[i], b[i], c[i], d[i]];
      const target = products.subarray(i * columns, (i + 1) * columns);
      for (let j = i; j < columns; j++) target[j] += ai * a[j] + bi * b[j] + ci * c[j] + di * d[j];
    }
  }
  for (let i = 0; i < columns; i++) {
    for (let j = 0; j < i; j++) products[i * columns + j] = products[j * columns + i];
  }
  return products;
}

function transpose(matrix: Float64Array, rows: number, columns: number): Float64Array {
  const result = new Float64Array(matrix.length);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) result[c * rows + r] = matrix[r * columns + c];
  }
  return result;
}

/**
 * Makes component k a unit vector. Where its length is nothing but rounding, because the points have no variance left, a direction orthogonal
 * to those before takes its place: what is left of the axis that has the least in common with them.
 */
function normalise(components: Float64Array, k: number, dimensions: number, longest: number): number {
  const component = components.subarray(k * dimensions, (k + 1) * dimensions);
  const length = Math.hypot(...component);
  if (length > 1e-7 * longest) {
    for (let d = 0; d < dimensions; d++) component[d] /= length;
    return length;
  }
  const before = Array.from({ length: k }, (_, j) => components.subarray(j * dimensions, (j + 1) * dimensions));
  const shared = Float64Array.from(component, (_, d) => before.reduce((sum, other) => sum + other[d] ** 2, 0));
  const axis = shared.indexOf(Math.min(...shared));
  component.fill(0);
  component[axis] = 1;
  for (const other of before) {
    const along = other[axis];
    for (let d = 0; d < dimensions; d++) component[d] -= along * other[d];
  }
  const rest = Math.hypot(...component);
  for (let d = 0; d < dimensions; d++) component[d] /= rest;
  return 0;
}

/** Turns a component to its sign, in place. */
function orient(component: Float64Array): void {
  let largest = 0;
  for (let d = 1; d < component.length; d++) {
    if (Math.abs(component[d]) > Math.abs(component[largest])) largest = d;
  }
  if (component[largest] < 0) for (let d = 0; d < component.length; d++) component[d] = -component[d];
}
