import { setImmediate } from 'node:timers/promises';
import { UMAP } from 'umap-js';
import { UMAP_STREAM } from '../../data/random_streams.ts';
import { squaredDistances } from '../../metrics/squared_distances.ts';
import { Philox } from '../../runtime/philox.ts';

/** Features to map, and how. */
export interface UmapInput {
  /** [N, D] */
  features: Float32Array;
  /** D. */
  dimensions: number;
  seed: number;
  /** Neighbours of a point, itself included, from 2 to below N. Default 15. */
  neighbours?: number;
  /** How close points may lie. Default 0.1. */
  minDist?: number;
  /** Rounds of the descent. Default 500. */
  epochs?: number;
  onProgress?: (done: number, total: number) => void;
  signal?: AbortSignal;
}

/** Rounds between two looks at the signal. */
const ROUNDS_AT_ONCE = 10;

/**
 * UMAP in two dimensions, by the library umap-js with exact neighbours (Euclidean) and the first places drawn at random. The same input and
 * seed give the same points, bit for bit.
 *
 * Source: McInnes, Healy, Melville, "UMAP: Uniform Manifold Approximation and Projection for Dimension Reduction", 2018.
 * @returns points [N, 2]
 * @throws RangeError where there are too few points for `neighbours`; the signal's reason where it is aborted.
 */
export async function umap(input: UmapInput): Promise<Float32Array> {
  const { features, dimensions, seed, neighbours = 15, minDist = 0.1, epochs = 500, onProgress, signal } = input;
  const count = features.length / dimensions;
  if (!(Number.isInteger(neighbours) && neighbours >= 2 && neighbours < count)) {
    throw new RangeError(`umap: ${neighbours} neighbours among ${count} points, expected from 2 to below ${count}.`);
  }
  const model = new UMAP({
    nComponents: 2,
    nNeighbors: neighbours,
    minDist,
    nEpochs: epochs,
    random: xorshift128(new Philox(seed, UMAP_STREAM)),
  });
  const { indices, distances } = nearestNeighbours(squaredDistances(features, dimensions), count, neighbours);
  model.setPrecomputedKNN(indices, distances);
  // With the neighbours given the library asks the features for their number alone.
  model.initializeFit(indices);
  for (let done = 0; done < epochs; ) {
    signal?.throwIfAborted();
    for (const end = Math.min(done + ROUNDS_AT_ONCE, epochs); done < end; done++) model.step();
    onProgress?.(done, epochs);
    await setImmediate();
  }
  return Float32Array.from(model.getEmbedding().flat());
}

/**
 * Uniform draws from [0, 1), of which UMAP takes tens of millions: a few shifts each, where Philox takes ten rounds of products.
 *
 * Source: Marsaglia, "Xorshift RNGs", Journal of Statistical Software 8, 2003, section 4.
 */
function xorshift128(seed: Philox): () => number {
  let [x, y, z, w] = [seed.uint32(), seed.uint32(), seed.uint32(), seed.uint32() | 1];
  return () => {
    const t = x ^ (x << 11);
    [x, y, z] = [y, z, w];
    w = w ^ (w >>> 19) ^ t ^ (t >>> 8);
    return (w >>> 0) / 2 ** 32;
  };
}

/** Each point and its nearest ones, near to far, of equally near ones the first. distances: [N, N], squared. */
function nearestNeighbours(distances: Float64Array, count: number, wanted: number) {
  const rows = Array.from({ length: count }, (_, i) => {
    const row = distances.subarray(i * count, (i + 1) * count);
    // The point itself stands first, also before its doubles.
    const rank = (j: number) => (j === i ? -1 : row[j]);
    const near = Array.from({ length: count }, (_, j) => j).sort((a, b) => rank(a) - rank(b) || a - b);
    return near.slice(0, wanted).map((j) => ({ j, distance: Math.sqrt(row[j]) }));
  });
  return {
    indices: rows.map((row) => row.map(({ j }) => j)),
    distances: rows.map((row) => row.map(({ distance }) => distance)),
  };
}
