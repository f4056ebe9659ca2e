import { accuracy, balancedAccuracy } from './accuracy.ts';
import { averagePrecision } from './average_precision.ts';
import { type CalibrationBin, calibrationBins, expectedCalibrationError } from './calibration.ts';
import { type ConfusionMatrix, checkClasses, confusionMatrix } from './confusion.ts';
import { checkScores } from './one_vs_rest.ts';
import { type ClassPrecisionRecallF1, type PrecisionRecallF1, precisionRecallF1 } from './precision_recall_f1.ts';
import { rocAuc } from './roc_auc.ts';

/** Scores that need a ranking of the samples; null where they are not defined (`notes` says why). */
interface RankingScores {
  rocAuc: number | null;
  averagePrecision: number | null;
}

/** The scores of a class against all others. */
export interface ClassMetrics extends ClassPrecisionRecallF1, RankingScores {}

/** What `evaluateClassification` measures: plain data that survives JSON as it is. */
export interface ClassificationMetrics extends PrecisionRecallF1, RankingScores {
  samples: number;
  accuracy: number;
  /** Mean recall of the classes that have samples. */
  balancedAccuracy: number;
  /** precision, recall, f1, rocAuc and averagePrecision beside it are means weighted by support; these are plain means over classes. */
  macro: PrecisionRecallF1 & RankingScores;
  perClass: ClassMetrics[];
  /** confusion[true class][predicted class]. */
  confusion: ConfusionMatrix;
  expectedCalibrationError: number;
  /** Ten bins of the predicted class's probability. */
  calibration: CalibrationBin[];
  /** Sentences on classes for which a score is not defined. */
  notes: string[];
}

/** Predictions to be scored. */
export interface ClassificationInput {
  /** [N], each a class. */
  targets: ArrayLike<number>;
  /** [N, C], each row the probabilities of a sample's classes. */
  probabilities: Float32Array;
  /** C. */
  classes: number;
}

/**
 * All metrics of a classifier from its probabilities. Definitions are scikit-learn's; each metric's own file says where ours differ.
 *
 * @throws RangeError for no samples, sizes that do not fit, a target that is no class, or a probability that is not finite.
 */
export function evaluateClassification({
  targets,
  probabilities,
  classes,
}: ClassificationInput): ClassificationMetrics {
  checkClasses('evaluateClassification', 'target', targets, classes);
  checkScores('evaluateClassification', targets.length, probabilities, classes);
  const { predictions, confidence } = predictedClasses(probabilities, classes);
  const confusion = confusionMatrix(targets, predictions, classes);
  const { perClass, macro, weighted } = precisionRecallF1(confusion);
  const roc = rocAuc(targets, probabilities, classes);
  const precision = averagePrecision(targets, probabilities, classes);
  const correct = Array.from(predictions, (predicted, sample) => predicted === targets[sample]);
  const calibration = calibrationBins(confidence, correct);
  const ranking = (auc: number, average: number): RankingScores => ({
    rocAuc: definedOrNull(auc),
    averagePrecision: definedOrNull(average),
  });
  return {
    samples: targets.length,
    accuracy: accuracy(confusion),
    balancedAccuracy: balancedAccuracy(confusion),
    ...weighted,
    ...ranking(roc.weighted, precision.weighted),
    macro: { ...macro, ...ranking(roc.macro, precision.macro) },
    perClass: perClass.map((of, index) => ({ ...of, ...ranking(roc.perClass[index], precision.perClass[index]) })),
    confusion,
    expectedCalibrationError: expectedCalibrationError(calibration),
    calibration,
    notes: [...roc.notes, ...precision.notes],
  };
}

/** The most probable class of each row of [N, C], the first of equal ones, and its probability. */
export function predictedClasses(
  probabilities: Float32Array,
  classes: number,
): { predictions: Uint32Array; confidence: Float32Array } {
  const count = probabilities.length / classes;
  const predictions = new Uint32Array(count);
  const confidence = new Float32Array(count);
  for (let sample = 0; sample < count; sample++) {
    const first = sample * classes;
    let best = 0;
    for (let index = 1; index < classes; index++) {
      if (probabilities[first + index] > probabilities[first + best]) best = index;
    }
    predictions[sample] = best;
    confidence[sample] = probabilities[first + best];
  }
  return { predictions, confidence };
}

function definedOrNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
