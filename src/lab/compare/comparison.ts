import { UserError } from '../../runtime/errors.ts';
import {
  type Estimate,
  freedomOfClasses,
  holm,
  imagesNeeded,
  interval,
  pValue,
  shareInterval,
  type Uncertainty,
  uncertaintyOf,
} from './inference.ts';
import { meanOf, type Outcome, resampleScores, type ScoreVector, weightedScores } from './resampled_scores.ts';

/** A score that recipes can be compared by. */
export interface ComparedScore {
  name: string;
  of: (scores: ScoreVector) => number;
  /** The class that it is of alone. */
  label?: number;
  /** Whether larger is better. */
  ascends: boolean;
}

/** Scores that mean something where classes are of several sizes. */
export const SCORES: readonly ComparedScore[] = [
  { name: 'balanced accuracy', of: ({ balancedAccuracy }) => balancedAccuracy, ascends: true },
  { name: 'macro F1', of: ({ macroF1 }) => macroF1, ascends: true },
  { name: 'calibration error', of: ({ calibrationError }) => calibrationError, ascends: false },
];

/** The recall of a class as a score. */
export function recallOf(className: string, label: number): ComparedScore {
  return { name: `recall of ${className}`, of: ({ recalls }) => recalls[label], label, ascends: true };
}

/** The score of a name on the command line. @throws UserError where there is none. */
export function scoreCalled(by: string, classNames: readonly string[]): ComparedScore {
  const known = SCORES.find(({ name }) => name.replaceAll(' ', '-').toLowerCase() === by.toLowerCase());
  if (known) return known;
  const name = /^recall:(.+)$/.exec(by)?.[1];
  const label = name === undefined ? -1 : classNames.indexOf(name);
  if (name !== undefined && label >= 0) return recallOf(name, label);
  if (name !== undefined) {
    throw new UserError(`There is no class "${name}" to compare recalls of: choose one of ${classNames.join(', ')}.`);
  }
  throw new UserError(`There is no score "${by}": ${BY_HELP}.`);
}

/** The values of `--by`. */
export const BY_HELP = `choose one of ${SCORES.map(({ name }) => name.replaceAll(' ', '-').toLowerCase()).join(', ')}, or recall:CLASS`;

/** @throws UserError for a score that no data set has, before anything is trained. */
export function checkScore(by: string): void {
  if (!by.startsWith('recall:')) scoreCalled(by, []);
}

/** What was trained by one recipe, and its outcomes on the same test images, one for each seed. */
export interface Candidate {
  name: string;
  outcomes: readonly Outcome[];
}

/** How a remedy differs from the baseline in a score. */
export interface Difference extends Estimate {
  /** Two-sided. */
  p: number;
  /** Corrected for the number of remedies. */
  pHolm: number;
  /** How many times the test images would tell it from 0; null where no number would. */
  imagesNeeded: number | null;
}

/** A recipe's scores and differences, by the scores' names. */
export interface Compared {
  name: string;
  seeds: number;
  scores: Record<string, Estimate>;
  /** To the baseline; none of the baseline itself. */
  differences?: Record<string, Difference>;
  /** Of each class. */
  recalls: Pick<Estimate, 'value' | 'low' | 'high'>[];
}

/** Bootstrap replicates: enough for a standard error to within three percent. */
const REPLICATES = 1000;

/**
 * Compares recipes on test images. The first candidate is the baseline. Each estimate is a mean over seeds, with the variance by the choice of test images (see
 * `resampleScores`) and, where there are several seeds, by the luck of the trainings.
 *
 * targets: [N]. scores: those to compare by. seed: of the bootstrap.
 */
export function compareCandidates(
  targets: ArrayLike<number>,
  candidates: readonly Candidate[],
  {
    classes,
    scores,
    seed,
    replicates = REPLICATES,
  }: { classes: number; scores: readonly ComparedScore[]; seed: number; replicates?: number },
): Compared[] {
  const ones = new Float64Array(targets.length).fill(1);
  const supports = new Array<number>(classes).fill(0);
  for (let i = 0; i < targets.length; i++) supports[targets[i]]++;
  const vectors = candidates.map(({ outcomes }) =>
    outcomes.map((outcome) => weightedScores(targets, outcome, ones, classes)),
  );
  const resampled = resampleScores(
    targets,
    candidates.map(({ outcomes }) => outcomes),
    { classes, replicates, seed },
  );
  const compared: Compared[] = candidates.map(({ name, outcomes }, m) => ({
    ...{ name, seeds: outcomes.length, scores: {}, ...(m > 0 && { differences: {} }) },
    recalls: supports.map((support, c) => {
      const value = support === 0 ? 0 : meanOf(vectors[m].map(({ recalls }) => recalls[c]));
      return { value, ...shareInterval(value, support) };
    }),
  }));
  for (const { name, of, label } of scores) {
    const freedom = freedomOfClasses(label === undefined ? supports : [supports[label]]);
    const { each, difference } = resampled.variance(of);
    const values = vectors.map((seeds) => seeds.map(of));
    const means = values.map(meanOf);
    const apart: { value: number; uncertainty: Uncertainty }[] = [];
    for (const [m, one] of compared.entries()) {
      one.scores[name] = interval(means[m], uncertaintyOf({ variance: each[m], freedom }, values[m]), [0, 1]);
      if (m > 0)
        apart.push({
          value: means[m] - means[0],
          uncertainty: uncertaintyOf({ variance: difference[m], freedom }, values[m], values[0]),
        });
    }
    const p = apart.map(({ value, uncertainty }) => pValue(value, uncertainty));
    for (const [i, pHolm] of holm(p).entries()) {
      const { value, uncertainty } = apart[i];
      const needed = imagesNeeded(value, uncertainty, apart.length);
      const { differences = {} } = compared[i + 1];
      differences[name] = { ...interval(value, uncertainty, [-1, 1]), p: p[i], pHolm, imagesNeeded: needed };
    }
  }
  return compared;
}
