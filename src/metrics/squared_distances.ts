/** Squared Euclidean distances between points, [N, N], in float64: 32 MB for 2,000 points. features: [N, D]. */
export function squaredDistances(features: Float32Array, dimensions: number): Float64Array {
  const count = features.length / dimensions;
  // A few points past the end, so that four can be taken at a time, which keeps four sums going and reads the row once for them.
  const points = new Float64Array((count + 3) * dimensions);
  points.set(features);
  const distances = new Float64Array(count * count);
  for (let i = 0; i < count; i++) {
    const a = points.subarray(i * dimensions, (i + 1) * dimensions);
    for (let j = 0; j < i; j += 4) {
      const sums = fourDistances(a, points.subarray(j * dimensions, (j + 4) * dimensions), dimensions);
      for (let k = j; k < Math.min(j + 4, i); k++) {
        distances[i * count + k] = sums[k - j];
        distances[k * count + i] = sums[k - j];
      }
    }
  }
  return distances;
}

/** From a point to each of four. */
function fourDistances(a: Float64Array, four: Float64Array, dimensions: number): [number, number, number, number] {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  for (let d = 0; d < dimensions; d++) {
    const value = a[d];
    const d0 = value - four[d];
    const d1 = value - four[dimensions + d];
    const d2 = value - four[2 * dimensions + d];
    const d3 = value - four[3 * dimensions + d];
    s0 += d0 * d0;
    s1 += d1 * d1;
    s2 += d2 * d2;
    s3 += d3 * d3;
  }
  return [s0, s1, s2, s3];
}
