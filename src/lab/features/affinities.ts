/** Steps of the search for a point's β, of which a handful are needed; equal distances have no β to be found. */
const MOST_STEPS = 100;
/** The entropy is met to this many nats. */
const TOLERANCE = 1e-8;

/**
 * t-SNE's affinities: p[i, j] = (p(j|i) + p(i|j)) / 2N, symmetric, with sum 1 and 0 on the diagonal, where
 *
 *   p(j|i) = exp(−β_i · d[i, j]) / Σ over k ≠ i of the same
 *
 * and β_i is such that point i has `perplexity` neighbours: exp of the entropy of p(·|i) is `perplexity`, as far as equal distances allow.
 * β is sought by Newton's method on its logarithm, inside a bracket.
 *
 * distances: [N, N] squared distances.
 *
 * Source: van der Maaten, Hinton, "Visualizing Data using t-SNE", JMLR 9, 2008, sections 2 and 3.
 * @throws RangeError for a perplexity that is not from 1 to below N.
 */
export function tsneAffinities(distances: Float64Array, perplexity: number): Float64Array {
  const count = Math.sqrt(distances.length);
  if (!(perplexity >= 1 && perplexity < count)) {
    throw new RangeError(
      `t-SNE: a perplexity of ${perplexity} among ${count} points, expected from 1 to below ${count}.`,
    );
  }
  const conditional = new Float64Array(count * count);
  for (let i = 0; i < count; i++) {
    const [first, end] = [i * count, (i + 1) * count];
    spread(distances.subarray(first, end), i, Math.log(perplexity), conditional.subarray(first, end));
  }
  const joint = new Float64Array(count * count);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < count; j++) {
      joint[i * count + j] = (conditional[i * count + j] + conditional[j * count + i]) / (2 * count);
    }
  }
  return joint;
}

/** Fills a row of p(·|own) with the wanted entropy, in nats. */
function spread(distances: Float64Array, own: number, wanted: number, row: Float64Array): void {
  // The nearest point's distance drops out of the quotient; without it exp does not underflow for all at once.
  let nearest = Number.POSITIVE_INFINITY;
  let mean = 0;
  for (let j = 0; j < distances.length; j++) {
    if (j === own) continue;
    nearest = Math.min(nearest, distances[j]);
    mean += distances[j] / (distances.length - 1);
  }
  // Equal distances: any β will do.
  let logBeta = mean > nearest ? -Math.log(mean - nearest) : 0;
  let low = Number.NEGATIVE_INFINITY;
  let high = Number.POSITIVE_INFINITY;
  for (let step = 0; step < MOST_STEPS; step++) {
    const beta = Math.exp(logBeta);
    let sum = 0;
    let first = 0;
    let second = 0;
    for (let j = 0; j < distances.length; j++) {
      if (j === own) continue;
      const distance = distances[j] - nearest;
      const weight = Math.exp(-beta * distance);
      row[j] = weight;
      sum += weight;
      first += weight * distance;
      second += weight * distance * distance;
    }
    const average = first / sum;
    const excess = Math.log(sum) + beta * average - wanted;
    for (let j = 0; j < row.length; j++) row[j] /= sum;
    if (Math.abs(excess) <= TOLERANCE) return;
    if (excess > 0) low = logBeta;
    else high = logBeta;
    // dH / d log β = −β² · variance of the distances
    const next = logBeta + excess / (beta * beta * (second / sum - average * average));
    logBeta = inside(next, low, high, logBeta);
  }
}

/** Newton's step where it stays in the bracket and is no leap, else half the bracket, or a step of 2 where it is open. */
function inside(next: number, low: number, high: number, from: number): number {
  if (next > low && next < high && Math.abs(next - from) <= 2) return next;
  if (high === Number.POSITIVE_INFINITY) return from + 2;
  if (low === Number.NEGATIVE_INFINITY) return from - 2;
  return (low + high) / 2;
}
