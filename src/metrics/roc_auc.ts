import { descendingOrder, type OneVsRest, oneVsRest } from './one_vs_rest.ts';

/**
 * Area under the ROC curve of each class against the rest, as scikit-learn's `roc_auc_score(multi_class='ovr')`: the chance that a sample of
 * the class scores above one of the rest, where equal scores count half.
 *
 * Where scikit-learn raises an error, because a class has no samples or has them all, that class is NaN, left out of the means, and named
 * in `notes`.
 *
 * targets: [N]. scores: [N, C].
 */
export function rocAuc(targets: ArrayLike<number>, scores: Float32Array, classes: number): OneVsRest {
  return oneVsRest('ROC-AUC', targets, scores, classes, (column, isPositive, positives) => {
    const negatives = column.length - positives;
    if (positives === 0) return 'it has no samples';
    if (negatives === 0) return 'all samples are of it';
    const order = descendingOrder(column);
    // Counted in half pairs, all whole numbers, so the sum is exact.
    let halfPairs = 0;
    let positivesAbove = 0;
    for (let start = 0; start < order.length; ) {
      let end = start;
      let positivesHere = 0;
      while (end < order.length && column[order[end]] === column[order[start]])
        positivesHere += isPositive[order[end++]];
      const negativesHere = end - start - positivesHere;
      halfPairs += negativesHere * (2 * positivesAbove + positivesHere);
      positivesAbove += positivesHere;
      start = end;
    }
    return halfPairs / (2 * positives * negatives);
  });
}
