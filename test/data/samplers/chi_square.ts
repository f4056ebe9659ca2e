/**
 * Pearson's statistic Σ (observed − expected)² / expected. Where the draws follow the expectation it has mean n − 1 and deviation √(2(n − 1)),
 * n being the number of cells.
 */
export function chiSquare(observed: ArrayLike<number>, expected: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < expected.length; i++) sum += (observed[i] - expected[i]) ** 2 / expected[i];
  return sum;
}

/** Six deviations above the mean: not reached once in a million by chance, far exceeded by draws of another distribution. */
export function chiSquareBound(cells: number): number {
  return cells - 1 + 6 * Math.sqrt(2 * (cells - 1));
}
