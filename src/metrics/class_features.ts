import { type ClusteringInput, silhouettes } from './clustering.ts';

/** How the features of a class lie. */
export interface ClassFeatures {
  samples: number;
  /** Length of the mean of its features; null for a class without samples. */
  normOfMean: number | null;
  /** Mean over the features of their standard deviation within the class, over all its samples (not one fewer); null likewise. */
  spread: number | null;
  /** Mean over its samples of how well they lie among their own, −1 to 1; null likewise. */
  silhouette: number | null;
}

/** Two classes whose features lie close; see `closestClasses`. */
export interface ClosestClasses {
  a: number;
  b: number;
  /** Between the means of their features. */
  distance: number;
}

/** Statistics of each class, sums in float64. Errors as `clusteringQuality`. */
export function classFeatures(input: ClusteringInput, classes: number): ClassFeatures[] {
  const { features, dimensions, labels } = input;
  const { means, counts } = classMeans(input, classes);
  const each = silhouettes(input);
  const squares = new Float64Array(classes * dimensions);
  const sums = new Float64Array(classes);
  for (let i = 0; i < labels.length; i++) {
    const first = labels[i] * dimensions;
    sums[labels[i]] += each[i];
    for (let d = 0; d < dimensions; d++) squares[first + d] += (features[i * dimensions + d] - means[first + d]) ** 2;
  }
  return Array.from(counts, (samples, c) => {
    if (samples === 0) return { samples, normOfMean: null, spread: null, silhouette: null };
    const range = [c * dimensions, (c + 1) * dimensions] as const;
    const spread =
      squares.subarray(...range).reduce((sum, square) => sum + Math.sqrt(square / samples), 0) / dimensions;
    return { samples, normOfMean: Math.hypot(...means.subarray(...range)), spread, silhouette: sums[c] / samples };
  });
}

/** The two classes whose means lie closest, of equally close ones the first; undefined where fewer than two have samples. */
export function closestClasses(input: ClusteringInput, classes: number): ClosestClasses | undefined {
  const { dimensions } = input;
  const { means, counts } = classMeans(input, classes);
  let closest: ClosestClasses | undefined;
  for (let a = 0; a < classes; a++) {
    for (let b = a + 1; b < classes; b++) {
      if (counts[a] === 0 || counts[b] === 0) continue;
      let square = 0;
      for (let d = 0; d < dimensions; d++) square += (means[a * dimensions + d] - means[b * dimensions + d]) ** 2;
      const distance = Math.sqrt(square);
      if (closest === undefined || distance < closest.distance) closest = { a, b, distance };
    }
  }
  return closest;
}

/** Means [C, D], 0 for a class without samples, and samples of each class. */
function classMeans({ features, dimensions, labels }: ClusteringInput, classes: number) {
  const means = new Float64Array(classes * dimensions);
  const counts = new Uint32Array(classes);
  for (let i = 0; i < labels.length; i++) {
    counts[labels[i]]++;
    for (let d = 0; d < dimensions; d++) means[labels[i] * dimensions + d] += features[i * dimensions + d];
  }
  for (let at = 0; at < means.length; at++) means[at] /= Math.max(1, counts[Math.floor(at / dimensions)]);
  return { means, counts };
}
