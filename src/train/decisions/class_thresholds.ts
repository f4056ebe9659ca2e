import { checkScores } from '../../metrics/one_vs_rest.ts';

/** Factors that a threshold is tried at, from one round to the next: about a third of a doubling apart, to 32 times either way. */
const STEPS = Array.from({ length: 31 }, (_, i) => 2 ** ((i - 15) / 3));
/** Rounds over all classes; each can only do better. */
const ROUNDS = 4;

/**
 * The probabilities that a decision by class thresholds goes by: p[c] / thresholds[c], scaled to add up to 1, so that the most probable class is
 * the one that passes its threshold by most. Thresholds that are the classes' shares of the training set make this the post-hoc logit adjustment of
 * Menon et al., "Long-tail learning via logit adjustment", ICLR 2021.
 *
 * probabilities: [N, C]. thresholds: [C], above 0.
 * @throws RangeError for a threshold that is not above 0, or sizes that do not fit.
 */
export function withClassThresholds(probabilities: Float32Array, thresholds: readonly number[]): Float32Array {
  const classes = thresholds.length;
  const wrong = thresholds.findIndex((threshold) => !(threshold > 0 && Number.isFinite(threshold)));
  if (wrong >= 0)
    throw new RangeError(`withClassThresholds: threshold ${wrong} is ${thresholds[wrong]}, expected above 0.`);
  if (probabilities.length % classes !== 0) {
    throw new RangeError(
      `withClassThresholds: ${probabilities.length} probabilities are no rows of ${classes} classes.`,
    );
  }
  const scaled = new Float32Array(probabilities.length);
  for (let first = 0; first < probabilities.length; first += classes) {
    let sum = 0;
    for (let c = 0; c < classes; c++) sum += probabilities[first + c] / thresholds[c];
    for (let c = 0; c < classes; c++) scaled[first + c] = probabilities[first + c] / thresholds[c] / sum;
  }
  return scaled;
}

/** Samples to choose thresholds by. */
export interface ThresholdSamples {
  /** [N], each a class. */
  targets: ArrayLike<number>;
  /** [N, C] */
  probabilities: Float32Array;
  classes: number;
}

/**
 * Thresholds that make the mean recall of the classes largest on these samples: samples that were kept back from training, never those of the test.
 * Found class by class, each the best on a grid of factors with the others as they are, in rounds until none changes; of equally good ones the
 * nearest to what it was. Their scale has no meaning: they are given with a geometric mean of 1.
 * @throws RangeError for no samples or sizes that do not fit.
 */
export function fitClassThresholds({ targets, probabilities, classes }: ThresholdSamples): number[] {
  if (targets.length === 0) throw new RangeError('fitClassThresholds: no samples to choose by.');
  checkScores('fitClassThresholds', targets.length, probabilities, classes);
  const counts = new Array<number>(classes).fill(0);
  for (let i = 0; i < targets.length; i++) counts[targets[i]]++;
  const thresholds = new Array<number>(classes).fill(1);
  const nearestFirst = [...STEPS].sort((a, b) => Math.abs(Math.log(a)) - Math.abs(Math.log(b)));
  let best = meanRecall(targets, probabilities, counts, thresholds);
  for (let round = 0; round < ROUNDS; round++) {
    let changed = false;
    for (let c = 0; c < classes; c++) {
      const before = thresholds[c];
      let chosen = before;
      for (const factor of nearestFirst) {
        thresholds[c] = before * factor;
        const recall = meanRecall(targets, probabilities, counts, thresholds);
        if (recall <= best + 1e-12) continue;
        best = recall;
        chosen = thresholds[c];
        changed = true;
      }
      thresholds[c] = chosen;
    }
    if (!changed) break;
  }
  const scale = Math.exp(thresholds.reduce((sum, t) => sum + Math.log(t), 0) / classes);
  return thresholds.map((threshold) => threshold / scale);
}

/** Mean recall of the classes that have samples, where the class that passes its threshold by most is predicted. */
function meanRecall(
  targets: ArrayLike<number>,
  probabilities: Float32Array,
  counts: readonly number[],
  thresholds: readonly number[],
): number {
  const classes = counts.length;
  const right = new Array<number>(classes).fill(0);
  for (let i = 0; i < targets.length; i++) {
    const first = i * classes;
    let best = 0;
    for (let c = 1; c < classes; c++) {
      if (probabilities[first + c] * thresholds[best] > probabilities[first + best] * thresholds[c]) best = c;
    }
    if (best === targets[i]) right[best]++;
  }
  const recalls = counts.flatMap((count, c) => (count > 0 ? [right[c] / count] : []));
  return recalls.reduce((sum, recall) => sum + recall, 0) / recalls.length;
}
