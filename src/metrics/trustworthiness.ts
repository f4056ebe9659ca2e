import { squaredDistances } from './squared_distances.ts';

/** Features and the map that was made of them. */
export interface TrustworthinessInput {
  /** [N, D] */
  features: Float32Array;
  /** D. */
  dimensions: number;
  /** [N, K] */
  points: Float32Array;
  /** K. Default 2. */
  pointDimensions?: number;
  /** Neighbours of a point that are looked at, below N / 2. Default 12. */
  neighbours?: number;
}

/**
 * How far an embedding can be trusted, 0 to 1: 1 where the nearest neighbours of each point are among its nearest in feature space too; each
 * that is not costs as much as its rank there passes `neighbours`. As scikit-learn's `trustworthiness`. Time grows with N²·D.
 *
 * Source: Venna, Kaski, "Neighborhood preservation in nonlinear projection methods", ICANN 2001.
 * @throws RangeError where sizes do not fit or `neighbours` is not from 1 to below N / 2.
 */
export function trustworthiness(input: TrustworthinessInput): number {
  const { features, dimensions, points, pointDimensions = 2, neighbours = 12 } = input;
  const count = features.length / dimensions;
  if (points.length !== count * pointDimensions) {
    throw new RangeError(
      `trustworthiness: ${points.length} coordinates, expected ${count} points × ${pointDimensions} dimensions = ${count * pointDimensions}.`,
    );
  }
  if (!(Number.isInteger(neighbours) && neighbours >= 1 && neighbours < count / 2)) {
    throw new RangeError(
      `trustworthiness: ${neighbours} neighbours among ${count} points, expected from 1 to below ${count / 2}.`,
    );
  }
  const original = squaredDistances(features, dimensions);
  const embedded = squaredDistances(points, pointDimensions);
  const sorted = new Float64Array(count);
  let cost = 0;
  for (let i = 0; i < count; i++) {
    const near = nearest(embedded.subarray(i * count, (i + 1) * count), i, neighbours);
    const distances = original.subarray(i * count, (i + 1) * count);
    // The point itself stands first: the rank of another is the place it has in this order, of equal ones the first place.
    distances[i] = -1;
    sorted.set(distances);
    sorted.sort();
    for (const j of near) cost += Math.max(0, rankOf(sorted, distances[j]) - neighbours);
  }
  return 1 - (cost * 2) / (count * neighbours * (2 * count - 3 * neighbours - 1));
}

/** The `wanted` points nearest to point `own`, of equally near ones the first. */
function nearest(distances: Float64Array, own: number, wanted: number): number[] {
  const found: number[] = [];
  for (let j = 0; j < distances.length; j++) {
    if (j === own || (found.length === wanted && distances[j] >= distances[found[wanted - 1]])) continue;
    let at = found.length;
    while (at > 0 && distances[found[at - 1]] > distances[j]) at--;
    found.splice(at, 0, j);
    if (found.length > wanted) found.pop();
  }
  return found;
}

/** Index of the first of these ascending values that is not below `value`. */
function rankOf(ascending: Float64Array, value: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
