import { descendingOrder, type OneVsRest, oneVsRest } from './one_vs_rest.ts';

/**
 * Average precision of each class against the rest, as scikit-learn's `average_precision_score`: Σ (Rₙ − Rₙ₋₁) Pₙ over the distinct
 * scores from high to low, without interpolation.
 *
 * A class without samples is NaN, left out of the means, and named in `notes` (scikit-learn warns and gives 0, which would pull down the
 * macro mean).
 *
 * targets: [N]. scores: [N, C].
 */
export function averagePrecision(targets: ArrayLike<number>, scores: Float32Array, classes: number): OneVsRest {
  return oneVsRest('Average precision', targets, scores, classes, (column, isPositive, positives) => {
    if (positives === 0) return 'it has no samples';
    const order = descendingOrder(column);
    let sum = 0;
    let found = 0;
    for (let start = 0; start < order.length; ) {
      let end = start;
      let positivesHere = 0;
      while (end < order.length && column[order[end]] === column[order[start]])
        positivesHere += isPositive[order[end++]];
      found += positivesHere;
      sum += (positivesHere / positives) * (found / end);
      start = end;
    }
    return sum;
  });
}
