import { Philox } from '../../runtime/philox.ts';

/** What a trained network says of the test images. */
export interface Outcome {
  /** [N] */
  predictions: ArrayLike<number>;
  /** The probability of the predicted class, [N]. */
  confidence: ArrayLike<number>;
}

/** The scores of a network, by name: 'balanced accuracy', 'macro F1', 'calibration error' and the recall of each class. */
export interface ScoreVector {
  balancedAccuracy: number;
  macroF1: number;
  calibrationError: number;
  recalls: number[];
}

/** Bins of equal width for the calibration error, as the lab's. */
const BINS = 10;
/**
 * What is added to each class in resampling: an image for each way in which two networks can be right or wrong, with half of an image's weight. So a class whose
 * few test images are all right does not seem certain. Source: Agresti and Min, "Simple improved confidence intervals for comparing matched proportions",
 * Statistics in Medicine 24, 2005; for one network it is Agresti and Coull's two images.
 */
const PSEUDO = [
  { baseline: true, other: true },
  { baseline: true, other: false },
  { baseline: false, other: true },
  { baseline: false, other: false },
];

/** The scores, each image with a weight. targets, weights: [N]. */
export function weightedScores(
  targets: ArrayLike<number>,
  { predictions, confidence }: Outcome,
  weights: ArrayLike<number>,
  classes: number,
): ScoreVector {
  const right = new Float64Array(classes);
  const ofClass = new Float64Array(classes);
  const predicted = new Float64Array(classes);
  const sure = new Float64Array(BINS);
  const hit = new Float64Array(BINS);
  let total = 0;
  for (let i = 0; i < targets.length; i++) {
    const weight = weights[i];
    if (weight === 0) continue;
    const [target, prediction] = [targets[i], predictions[i]];
    const isRight = target === prediction;
    ofClass[target] += weight;
    predicted[prediction] += weight;
    if (isRight) right[target] += weight;
    const bin = Math.min(BINS - 1, Math.max(0, Math.ceil(confidence[i] * BINS) - 1));
    sure[bin] += weight * confidence[i];
    if (isRight) hit[bin] += weight;
    total += weight;
  }
  const recalls = Array.from(right, (count, c) => (ofClass[c] > 0 ? count / ofClass[c] : Number.NaN));
  const present = recalls.filter((recall) => !Number.isNaN(recall));
  let f1 = 0;
  for (let c = 0; c < classes; c++) {
    const both = ofClass[c] + predicted[c];
    if (ofClass[c] > 0 && both > 0) f1 += (2 * right[c]) / both;
  }
  return {
    balancedAccuracy: present.reduce((sum, recall) => sum + recall, 0) / present.length,
    macroF1: f1 / present.length,
    calibrationError: sure.reduce((sum, value, b) => sum + Math.abs(value - hit[b]), 0) / total,
    recalls,
  };
}

/** Networks by one recipe: one outcome for each seed. */
export type Trained = readonly Outcome[];

/** Bootstrap replicates of the scores of a baseline and of others, and of their differences. */
export interface Resampled {
  /** Of each score of each, the variance of its mean over the seeds by the choice of test images. */
  variance(of: (scores: ScoreVector) => number): { each: number[]; difference: number[] };
}

/**
 * Draws test images anew, class by class, with replacement, and scores all networks on the same draws (a stratified paired bootstrap). Of a class one image fewer is
 * drawn than there are, without which the variances were too small (Rao and Wu, "Resampling inference with complex survey data", JASA 83, 1988).
 *
 * targets: [N]. trained: the baseline first. replicates: how often all is drawn. The same seed gives the same draws.
 */
export function resampleScores(
  targets: ArrayLike<number>,
  trained: readonly Trained[],
  { classes, replicates, seed }: { classes: number; replicates: number; seed: number },
): Resampled {
  const extended = trained.map((outcomes, m) =>
    outcomes.map((outcome) => withPseudo(targets, outcome, classes, m === 0)),
  );
  const count = targets.length;
  const labels = Uint32Array.from({ length: count + PSEUDO.length * classes }, (_, i) =>
    i < count ? targets[i] : Math.floor((i - count) / PSEUDO.length),
  );
  const members = Array.from({ length: classes }, (): number[] => []);
  for (let i = 0; i < count; i++) members[targets[i]].push(i);
  const generator = new Philox(seed);
  const weights = new Float64Array(labels.length);
  /** [replicate][method]: means over the seeds. */
  const drawn = Array.from({ length: replicates }, () => {
    weights.fill(0);
    for (const [c, own] of members.entries()) {
      const n = own.length;
      if (n === 0) continue;
      // Of n images and two more in four halves, weighed so that they count as n.
      const draws = Math.max(1, n - 1);
      const each = n / draws;
      for (let d = 0; d < draws; d++) {
        const at = generator.uniform() * (n + PSEUDO.length / 2);
        const place = at < n ? own[Math.floor(at)] : count + PSEUDO.length * c + Math.floor(2 * (at - n));
        weights[place] += each;
      }
    }
    return extended.map((outcomes) => outcomes.map((outcome) => weightedScores(labels, outcome, weights, classes)));
  });
  return {
    variance(of) {
      const means = drawn.map((methods) => methods.map((seeds) => meanOf(seeds.map(of))));
      return {
        each: trained.map((_, m) => varianceOf(means.map((row) => row[m]))),
        difference: trained.map((_, m) => varianceOf(means.map((row) => row[m] - row[0]))),
      };
    },
  };
}

/** A network's outcome on the test images and on the pseudo-images of each class, which it gets right or takes for the class it most takes that one for. */
function withPseudo(
  targets: ArrayLike<number>,
  { predictions, confidence }: Outcome,
  classes: number,
  isBaseline: boolean,
): Outcome {
  const wrong = Array.from({ length: classes }, () => new Float64Array(classes));
  for (let i = 0; i < targets.length; i++) if (predictions[i] !== targets[i]) wrong[targets[i]][predictions[i]]++;
  const mean = meanOf(Array.from(confidence));
  const added = wrong.flatMap((counts, c) => {
    const most = Math.max(...counts);
    const mistake = most > 0 ? counts.indexOf(most) : (c + 1) % classes;
    return PSEUDO.map(({ baseline, other }) => ((isBaseline ? baseline : other) ? c : mistake));
  });
  return {
    predictions: [...Array.from(predictions), ...added],
    confidence: [...Array.from(confidence), ...added.map(() => mean)],
  };
}

/** The mean of numbers. */
export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Their variance, by n − 1; 0 of one number. */
export function varianceOf(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const mean = meanOf(values);
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
}
