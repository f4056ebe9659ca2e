// Scores of predictions and of features: numbers in, numbers out.
export { accuracy, balancedAccuracy } from './accuracy.ts';
export { averagePrecision } from './average_precision.ts';
export { type CalibrationBin, calibrationBins, expectedCalibrationError } from './calibration.ts';
export { type ClassFeatures, type ClosestClasses, classFeatures, closestClasses } from './class_features.ts';
export { type ClassThirds, classThirds, recallByThird } from './class_thirds.ts';
export {
  type ClassificationInput,
  type ClassificationMetrics,
  type ClassMetrics,
  evaluateClassification,
  predictedClasses,
} from './classification.ts';
export {
  type ClusteringInput,
  type ClusteringQuality,
  clusteringQuality,
  silhouette,
  silhouettes,
} from './clustering.ts';
export {
  type ConfusedPair,
  type ConfusionMatrix,
  confusionMatrix,
  rowNormalized,
  topConfusedPairs,
} from './confusion.ts';
export type { OneVsRest } from './one_vs_rest.ts';
export {
  type ClassPrecisionRecallF1,
  type PrecisionRecallF1,
  type PrecisionRecallF1Report,
  precisionRecallF1,
} from './precision_recall_f1.ts';
export { rocAuc } from './roc_auc.ts';
export {
  leadingScores,
  meanScores,
  SCORE_LABELS,
  SCORE_NAMES,
  type ScoreName,
  type Scores,
  scoreNames,
  scoresOf,
} from './scores.ts';
export { type TrustworthinessInput, trustworthiness } from './trustworthiness.ts';
