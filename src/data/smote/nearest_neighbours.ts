/** So many dimensions are looked at of every point; further ones only while the distance so far is not too large. A multiple of 4. */
const DIMENSIONS_AT_ONCE = 192;

/**
 * The k nearest neighbours of some of N points among the others, by squared Euclidean distance in float64, the nearest first, of equally near
 * ones the first. Exact, and quick where the first dimensions tell most of a distance, as `coarseToFine` orders images.
 *
 * values: [N, dimensions]. queries: positions of the points asked for. Returns positions, [queries, k].
 * Throws RangeError where k is not a whole number from 1 to N − 1.
 */
export function nearestNeighbours(
  values: Float32Array,
  dimensions: number,
  { k, queries }: { k: number; queries: Uint32Array },
): Uint32Array {
  const count = values.length / dimensions;
  if (!Number.isInteger(k) || k < 1 || k >= count) {
    throw new RangeError(`Nearest neighbours: of ${count} points each has 1 to ${count - 1} neighbours, not ${k}.`);
  }
  const looked = Math.min(dimensions, DIMENSIONS_AT_ONCE);
  const neighbours = new Uint32Array(queries.length * k);
  /** Distances by the first dimensions: the whole distance is not below. */
  const bounds = new Float64Array(count);

  /** The distance to a point from its bound on, or some number above `enough` where it is more than that. */
  const complete = (query: number, other: number, enough: number): number => {
    let sum = bounds[other];
    for (let first = looked; first < dimensions && sum <= enough; first += DIMENSIONS_AT_ONCE) {
      const length = Math.min(DIMENSIONS_AT_ONCE, dimensions - first);
      sum += squaredDistance(values, query * dimensions + first, other * dimensions + first, length);
    }
    return sum;
  };

  queries.forEach((query, i) => {
    const likely = new Nearest(k);
    for (let other = 0; other < count; other++) {
      bounds[other] = squaredDistance(values, query * dimensions, other * dimensions, looked);
      if (other !== query) likely.offer(other, bounds[other]);
    }
    // What is nearest by the first dimensions is likely near, so that few of the others have to be looked at further.
    const nearest = new Nearest(k);
    bounds[query] = Number.POSITIVE_INFINITY;
    for (const other of likely.positions) {
      nearest.offer(other, complete(query, other, Number.POSITIVE_INFINITY));
      bounds[other] = Number.POSITIVE_INFINITY;
    }
    for (let other = 0; other < count; other++) {
      if (bounds[other] > nearest.farthest) continue;
      nearest.offer(other, complete(query, other, nearest.farthest));
    }
    neighbours.set(nearest.positions, i * k);
  });
  return neighbours;
}

/** Σ (values[a + i] − values[b + i])² over i below length. In four sums, so that an addition need not wait for the one before. */
function squaredDistance(values: Float32Array, a: number, b: number, length: number): number {
  let sum0 = 0;
  let sum1 = 0;
  let sum2 = 0;
  let sum3 = 0;
  let i = 0;
  for (; i + 4 <= length; i += 4) {
    const difference0 = values[a + i] - values[b + i];
    const difference1 = values[a + i + 1] - values[b + i + 1];
    const difference2 = values[a + i + 2] - values[b + i + 2];
    const difference3 = values[a + i + 3] - values[b + i + 3];
    sum0 += difference0 * difference0;
    sum1 += difference1 * difference1;
    sum2 += difference2 * difference2;
    sum3 += difference3 * difference3;
  }
  for (; i < length; i++) sum0 += (values[a + i] - values[b + i]) ** 2;
  return sum0 + sum1 + (sum2 + sum3);
}

/** The k nearest of what was offered so far, in order. */
class Nearest {
  readonly positions: Uint32Array;
  #distances: Float64Array;

  constructor(k: number) {
    this.positions = new Uint32Array(k);
    this.#distances = new Float64Array(k).fill(Number.POSITIVE_INFINITY);
  }

  /** The largest distance among them; infinite while they are fewer than k. */
  get farthest(): number {
    return this.#distances[this.#distances.length - 1];
  }

  offer(position: number, distance: number): void {
    if (distance > this.farthest) return;
    const { positions } = this;
    const distances = this.#distances;
    let place = distances.length;
    while (place > 0 && this.#isNearer(position, distance, place - 1)) place--;
    if (place === distances.length) return;
    distances.copyWithin(place + 1, place);
    positions.copyWithin(place + 1, place);
    distances[place] = distance;
    positions[place] = position;
  }

  #isNearer(position: number, distance: number, place: number): boolean {
    const standing = this.#distances[place];
    return distance < standing || (distance === standing && position < this.positions[place]);
  }
}
