/** What is left of the predictions where those below a confidence are not made. */
export interface CoveragePoint {
  /** The least confidence that is accepted. */
  threshold: number;
  /** Share of the samples that are decided. */
  coverage: number;
  /** Share of the decided samples that are right. */
  accuracy: number;
}

/**
 * Accuracy over coverage for every threshold that makes a difference, from the highest confidence, few decided, to the lowest, all decided. Samples
 * of one confidence are decided together.
 *
 * confidence: [N], the probability of the predicted class. correct: [N], 1 or true where the prediction is right.
 * @throws RangeError for no samples or lengths that differ.
 * Source: El-Yaniv, Wiener, "On the foundations of noise-free selective classification", JMLR 11, 2010 (risk and coverage).
 */
export function coverageCurve(
  confidence: ArrayLike<number>,
  correct: ArrayLike<number | boolean>,
): [CoveragePoint, ...CoveragePoint[]] {
  const count = confidence.length;
  if (count === 0 || correct.length !== count) {
    throw new RangeError(
      `coverageCurve: ${count} confidences and ${correct.length} outcomes; expected as many of each.`,
    );
  }
  const order = Uint32Array.from({ length: count }, (_, i) => i).sort((a, b) => confidence[b] - confidence[a]);
  const points: CoveragePoint[] = [];
  let right = 0;
  for (let i = 0; i < count; i++) {
    right += Number(correct[order[i]]);
    const threshold = confidence[order[i]];
    if (i + 1 < count && confidence[order[i + 1]] === threshold) continue;
    points.push({ threshold, coverage: (i + 1) / count, accuracy: right / (i + 1) });
  }
  return points as [CoveragePoint, ...CoveragePoint[]];
}

/** The samples that a threshold accepts: their share, and how many of them are right; an accuracy of null where there is none. */
export function acceptedAt(
  threshold: number,
  confidence: ArrayLike<number>,
  correct: ArrayLike<number | boolean>,
): { coverage: number; accuracy: number | null } {
  let decided = 0;
  let right = 0;
  for (let i = 0; i < confidence.length; i++) {
    if (!(confidence[i] >= threshold)) continue;
    decided++;
    right += Number(correct[i]);
  }
  return { coverage: decided / confidence.length, accuracy: decided > 0 ? right / decided : null };
}

/** The lowest threshold of a curve that still decides no more than this share of the samples; the highest where each decides more. */
export function thresholdForCoverage(curve: readonly CoveragePoint[], coverage: number): number {
  const within = curve.filter((point) => point.coverage <= coverage);
  return (within.at(-1) ?? curve[0]).threshold;
}
