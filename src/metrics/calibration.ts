/** The samples whose confidence lies in (lower, upper]; the first bin has 0 too. */
export interface CalibrationBin {
  lower: number;
  upper: number;
  count: number;
  /** Share of the bin's samples predicted right; null in an empty bin. */
  accuracy: number | null;
  /** Mean confidence of the bin's samples; null in an empty bin. */
  confidence: number | null;
}

/**
 * Groups predictions by confidence into bins of equal width, as scikit-learn's `calibration_curve(correct, confidence, n_bins)`, which
 * leaves out the empty bins that stand here.
 *
 * confidence: [N], the probability of the predicted class, 0 to 1. correct: [N], 1 or true where the prediction is right.
 * @throws RangeError for no samples, lengths that differ, bins that are not a whole number from 1, or a confidence outside 0 to 1.
 */
export function calibrationBins(
  confidence: ArrayLike<number>,
  correct: ArrayLike<number | boolean>,
  bins = 10,
): CalibrationBin[] {
  if (!Number.isInteger(bins) || bins < 1) {
    throw new RangeError(`calibrationBins: ${bins} bins, expected a whole number from 1.`);
  }
  if (confidence.length === 0) throw new RangeError('calibrationBins: no samples to measure.');
  if (confidence.length !== correct.length) {
    throw new RangeError(
      `calibrationBins: ${confidence.length} confidences and ${correct.length} outcomes; expected as many of each.`,
    );
  }
  // The last edge is set, not computed: 49 · (1 / 49) would be an ulp short of 1.
  const edge = (index: number) => (index === bins ? 1 : index * (1 / bins));
  const counts = new Array<number>(bins).fill(0);
  const right = new Array<number>(bins).fill(0);
  const sums = new Array<number>(bins).fill(0);
  for (let sample = 0; sample < confidence.length; sample++) {
    const value = confidence[sample];
    // Softmax in float32 may end an ulp or so above 1.
    if (!(value >= 0 && value <= 1 + 1e-5)) {
      throw new RangeError(`calibrationBins: the confidence of sample ${sample} is ${value}, expected 0 to 1.`);
    }
    let bin = Math.min(bins - 1, Math.floor(value * bins));
    // The product may be rounded across an edge; the edges themselves decide.
    while (bin > 0 && value <= edge(bin)) bin--;
    while (bin < bins - 1 && value > edge(bin + 1)) bin++;
    counts[bin]++;
    right[bin] += Number(correct[sample]);
    sums[bin] += value;
  }
  return counts.map((count, bin) => ({
    lower: edge(bin),
    upper: edge(bin + 1),
    count,
    accuracy: count > 0 ? right[bin] / count : null,
    confidence: count > 0 ? sums[bin] / count : null,
  }));
}

/**
 * Expected calibration error: the mean over samples of |accuracy − confidence| of their bin.
 *
 * Source: Guo, Pleiss, Sun, Weinberger, "On Calibration of Modern Neural Networks", ICML 2017, equation 3.
 */
export function expectedCalibrationError(
  bins: readonly Pick<CalibrationBin, 'count' | 'accuracy' | 'confidence'>[],
): number {
  let sum = 0;
  let samples = 0;
  for (const { count, accuracy, confidence } of bins) {
    if (accuracy === null || confidence === null) continue;
    sum += count * Math.abs(accuracy - confidence);
    samples += count;
  }
  return sum / samples;
}
