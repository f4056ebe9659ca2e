import { squaredDistances } from './squared_distances.ts';

/** Points in rows and the cluster each belongs to. */
export interface ClusteringInput {
  /** [N, D]. */
  features: Float32Array;
  /** D. */
  dimensions: number;
  /** [N], whole numbers from 0; numbers that do not occur do no harm. */
  labels: ArrayLike<number>;
}

/** How well labels separate points; Euclidean distances, float64 sums. */
export interface ClusteringQuality {
  /** −1 to 1, higher is better. */
  silhouette: number;
  /** From 0, lower is better. */
  daviesBouldin: number;
  /** From 0, higher is better. */
  calinskiHarabasz: number;
}

/**
 * All three scores.
 *
 * @throws RangeError where sizes do not fit, a feature is not finite, or there are not between 2 and N − 1 clusters.
 */
export function clusteringQuality(input: ClusteringInput): ClusteringQuality {
  return {
    silhouette: silhouette(input),
    daviesBouldin: daviesBouldin(input),
    calinskiHarabasz: calinskiHarabasz(input),
  };
}

/**
 * Mean over the points of `silhouettes`. As scikit-learn's `silhouette_score`. Errors as `clusteringQuality`.
 */
export function silhouette(input: ClusteringInput): number {
  const each = silhouettes(input);
  return each.reduce((sum, value) => sum + value, 0) / each.length;
}

/**
 * Of each point (b − a) / max(a, b): a the mean distance to the other points of its own cluster, b the least mean distance to the points
 * of another; 0 for a point alone in its cluster. Time grows with N²·D, memory with N².
 *
 * Source: Rousseeuw, "Silhouettes", 1987; as scikit-learn's `silhouette_samples`. Errors as `clusteringQuality`.
 */
export function silhouettes(input: ClusteringInput): Float64Array {
  const { features, dimensions } = input;
  const { cluster, sizes } = clusters('silhouette', input);
  const count = cluster.length;
  const k = sizes.length;
  const squares = squaredDistances(features, dimensions);
  const sums = new Float64Array(k);
  return Float64Array.from(cluster, (own, i) => {
    // The distances from point i to all points of each cluster, added up.
    sums.fill(0);
    for (let j = 0; j < count; j++) sums[cluster[j]] += Math.sqrt(squares[i * count + j]);
    if (sizes[own] === 1) return 0;
    const within = sums[own] / (sizes[own] - 1);
    let nearest = Number.POSITIVE_INFINITY;
    for (let c = 0; c < k; c++) {
      if (c !== own) nearest = Math.min(nearest, sums[c] / sizes[c]);
    }
    const largest = Math.max(within, nearest);
    // Both are 0 where points of two clusters coincide: neither cluster is the better one.
    return largest > 0 ? (nearest - within) / largest : 0;
  });
}

/**
 * Mean over the clusters of the worst (sᵢ + sⱼ) / dᵢⱼ: s the mean distance of a cluster's points to its centre, d the distance between
 * two centres; pairs of centres that coincide are passed by. As scikit-learn's, but for features so small that it takes them for zero
 * (all s or all d below 1e-8): ours does not depend on the scale.
 *
 * Source: Davies, Bouldin, "A Cluster Separation Measure", 1979; `davies_bouldin_score`. Errors as `clusteringQuality`.
 */
function daviesBouldin(input: ClusteringInput): number {
  const { features, dimensions } = input;
  const { cluster, sizes } = clusters('daviesBouldin', input);
  const k = sizes.length;
  const centres = clusterCentres(input, cluster, sizes);
  const spreads = new Float64Array(k);
  for (let i = 0; i < cluster.length; i++) {
    spreads[cluster[i]] += Math.sqrt(squaredDistance(features, i, centres, cluster[i], dimensions)) / sizes[cluster[i]];
  }
  let total = 0;
  for (let a = 0; a < k; a++) {
    let worst = 0;
    for (let b = 0; b < k; b++) {
      const distance = Math.sqrt(squaredDistance(centres, a, centres, b, dimensions));
      if (distance > 0) worst = Math.max(worst, (spreads[a] + spreads[b]) / distance);
    }
    total += worst;
  }
  return total / k;
}

/**
 * Dispersion between the clusters over dispersion within them, each by its degrees of freedom; 1 where there is none within, as
 * scikit-learn has it.
 *
 * Source: Caliński, Harabasz, "A dendrite method for cluster analysis", 1974; `calinski_harabasz_score`. Errors as `clusteringQuality`.
 */
function calinskiHarabasz(input: ClusteringInput): number {
  const { features, dimensions } = input;
  const { cluster, sizes } = clusters('calinskiHarabasz', input);
  const count = cluster.length;
  const k = sizes.length;
  const centres = clusterCentres(input, cluster, sizes);
  const middle = clusterCentres(input, new Uint32Array(count), [count]);
  let between = 0;
  for (let c = 0; c < k; c++) between += sizes[c] * squaredDistance(centres, c, middle, 0, dimensions);
  let within = 0;
  for (let i = 0; i < count; i++) within += squaredDistance(features, i, centres, cluster[i], dimensions);
  return within === 0 ? 1 : (between * (count - k)) / (within * (k - 1));
}

/** Checks the input; numbers the clusters that occur from 0 and counts their points. */
function clusters(
  metric: string,
  { features, dimensions, labels }: ClusteringInput,
): { cluster: Uint32Array; sizes: number[] } {
  const count = labels.length;
  if (features.length !== count * dimensions) {
    throw new RangeError(
      `${metric}: ${features.length} features, expected ${count} points × ${dimensions} dimensions = ${count * dimensions}.`,
    );
  }
  const wrong = features.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) {
    const place = `feature ${wrong % dimensions} of point ${Math.floor(wrong / dimensions)}`;
    throw new RangeError(`${metric}: ${place} is ${features[wrong]}, expected finite numbers.`);
  }
  const numbers = new Map<number, number>();
  const sizes: number[] = [];
  const cluster = Uint32Array.from(labels, (label) => {
    const number = numbers.get(label) ?? numbers.size;
    numbers.set(label, number);
    sizes[number] = (sizes[number] ?? 0) + 1;
    return number;
  });
  if (sizes.length < 2 || sizes.length >= count) {
    throw new RangeError(
      `${metric}: ${sizes.length} clusters of ${count} points, expected from 2 to one fewer than points.`,
    );
  }
  return { cluster, sizes };
}

/** Mean point of each cluster, [K, D]. */
function clusterCentres(
  { features, dimensions }: ClusteringInput,
  cluster: Uint32Array,
  sizes: readonly number[],
): Float64Array {
  const centres = new Float64Array(sizes.length * dimensions);
  for (let i = 0; i < cluster.length; i++) {
    for (let d = 0; d < dimensions; d++) centres[cluster[i] * dimensions + d] += features[i * dimensions + d];
  }
  for (let at = 0; at < centres.length; at++) centres[at] /= sizes[Math.floor(at / dimensions)];
  return centres;
}

function squaredDistance(
  a: Float32Array | Float64Array,
  rowOfA: number,
  b: Float64Array,
  rowOfB: number,
  dimensions: number,
): number {
  let sum = 0;
  for (let d = 0; d < dimensions; d++) {
    const difference = a[rowOfA * dimensions + d] - b[rowOfB * dimensions + d];
    sum += difference * difference;
  }
  return sum;
}
