import { type ConfusionMatrix, supports } from './confusion.ts';

/** The share of samples predicted right. */
export function accuracy(confusion: ConfusionMatrix): number {
  const right = confusion.reduce((sum, row, truth) => sum + row[truth], 0);
  return right / supports(confusion).reduce((sum, support) => sum + support, 0);
}

/** The mean recall of the classes that have samples, as scikit-learn's `balanced_accuracy_score`. */
export function balancedAccuracy(confusion: ConfusionMatrix): number {
  const totals = supports(confusion);
  const recalls = confusion.flatMap((row, truth) => (totals[truth] > 0 ? [row[truth] / totals[truth]] : []));
  return recalls.reduce((sum, recall) => sum + recall, 0) / recalls.length;
}
