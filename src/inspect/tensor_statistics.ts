import { HISTOGRAM_BINS, type TensorStatistics } from './step_record.ts';

/** What values are like; see `TensorStatistics`. Sums are taken in float64. */
export function tensorStatistics(values: Float32Array): TensorStatistics {
  let [sum, zeros, nan, infinite] = [0, 0, 0, 0];
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (Number.isNaN(value)) nan++;
    else if (!Number.isFinite(value)) infinite++;
    else {
      sum += value;
      if (value === 0) zeros++;
      if (value < min) min = value;
      if (value > max) max = value;
    }
  }
  const count = values.length;
  const finite = count - nan - infinite;
  const histogram = new Array<number>(HISTOGRAM_BINS).fill(0);
  if (finite === 0) return { count, mean: 0, deviation: 0, zeros: 0, min: 0, max: 0, nan, infinite, histogram };
  const mean = sum / finite;
  const scale = max > min ? HISTOGRAM_BINS / (max - min) : 0;
  let squares = 0;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    squares += (value - mean) ** 2;
    histogram[Math.min(HISTOGRAM_BINS - 1, Math.floor((value - min) * scale))]++;
  }
  const deviation = Math.sqrt(squares / finite);
  return { count, mean, deviation, zeros: zeros / count, min, max, nan, infinite, histogram };
}
