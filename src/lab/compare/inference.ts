import jStat from 'jstat';
import { varianceOf } from './resampled_scores.ts';

/** A value with what is known of it. */
export interface Estimate {
  value: number;
  /** 95 % confidence interval. */
  low: number;
  high: number;
  /** Standard error. */
  error: number;
}

/** Beyond so many degrees of freedom Student's distribution is the normal one for all purposes here. */
const NORMAL_FROM = 1e6;

/** The share 1 − 0.95 of intervals that may miss. */
const MISS = 0.05;

/** A variance, and of how much it was estimated: its degrees of freedom. */
export interface Variance {
  variance: number;
  freedom: number;
}

/** Variances of a mean that add up: by the choice of test images, and by the luck of trainings, known from few seeds. */
export interface Uncertainty {
  images: Variance;
  seeds: readonly Variance[];
}

/**
 * Degrees of freedom of a variance that is the sum over classes of what each contributes in proportion to 1 / its test images, by Welch and Satterthwaite.
 * counts: test images of each class that takes part.
 */
export function freedomOfClasses(counts: readonly number[]): number {
  const present = counts.filter((n) => n > 0);
  const total = present.reduce((sum, n) => sum + 1 / n, 0);
  return total ** 2 / present.reduce((sum, n) => sum + 1 / (n ** 2 * Math.max(1, n - 1)), 0);
}

/** What is known of a mean over seeds: scores, one for each seed, of one recipe or of two whose difference it is. */
export function uncertaintyOf(images: Variance, ...scores: readonly (readonly number[])[]): Uncertainty {
  const several = scores.filter((values) => values.length > 1);
  const seeds = several.map((values) => ({ variance: varianceOf(values) / values.length, freedom: values.length - 1 }));
  return { images, seeds };
}

const sumOf = (parts: readonly Variance[]) => parts.reduce((sum, { variance }) => sum + variance, 0);
const totalOf = ({ images, seeds }: Uncertainty) => sumOf([images, ...seeds]);

/** Degrees of freedom of the sum of variances, by Welch and Satterthwaite. */
function freedomOf({ images, seeds }: Uncertainty): number {
  const parts = [images, ...seeds];
  const uncertain = parts.reduce((sum, { variance, freedom }) => sum + variance ** 2 / freedom, 0);
  return uncertain === 0 ? Number.POSITIVE_INFINITY : sumOf(parts) ** 2 / uncertain;
}

/** The number that |t| exceeds with probability `p`. */
function quantile(p: number, freedom: number): number {
  return freedom > NORMAL_FROM ? -jStat.normal.inv(p / 2, 0, 1) : -jStat.studentt.inv(p / 2, freedom);
}

/**
 * A 95 % interval by Student's distribution: value ± t · √variance, kept within the values there can be.
 * range: the smallest and the largest of them.
 */
export function interval(value: number, uncertainty: Uncertainty, [least, most]: readonly [number, number]): Estimate {
  const error = Math.sqrt(totalOf(uncertainty));
  const reach = quantile(MISS, freedomOf(uncertainty)) * error;
  return { value, low: Math.max(least, value - reach), high: Math.min(most, value + reach), error };
}

/** The probability of a value as far from 0 as this one, or farther, if the truth is 0 (two-sided). 1 of exactly 0. */
export function pValue(value: number, uncertainty: Uncertainty): number {
  const error = Math.sqrt(totalOf(uncertainty));
  if (value === 0) return 1;
  if (error === 0) return 0;
  const freedom = freedomOf(uncertainty);
  const t = -Math.abs(value) / error;
  return 2 * (freedom > NORMAL_FROM ? jStat.normal.cdf(t, 0, 1) : jStat.studentt.cdf(t, freedom));
}

/**
 * p-values corrected for their number, so that with probability 0.95 none of the true nulls falls below 0.05.
 * Source: Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6, 1979.
 */
export function holm(p: readonly number[]): number[] {
  const order = [...p.keys()].sort((a, b) => p[a] - p[b]);
  const corrected = new Array<number>(p.length);
  let largest = 0;
  for (const [rank, i] of order.entries()) {
    largest = Math.max(largest, Math.min(1, (p.length - rank) * p[i]));
    corrected[i] = largest;
  }
  return corrected;
}

/**
 * How many times as many test images it would take to tell a difference of this size from 0 among `tests` of them; null where no number would do, since the luck of the
 * trainings alone hides it.
 */
export function imagesNeeded(value: number, uncertainty: Uncertainty, tests: number): number | null {
  const { images, seeds } = uncertainty;
  const bySeeds = sumOf(seeds);
  const room = (value / quantile(MISS / tests, freedomOf(uncertainty))) ** 2 - bySeeds;
  return room > 0 ? images.variance / room : null;
}

/**
 * A 95 % interval of a share that was seen among `count` images, which holds for few images too: 4 of 4 give 0.51 to 1.
 * Source: Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22, 1927.
 */
export function shareInterval(share: number, count: number): Pick<Estimate, 'low' | 'high'> {
  if (count === 0) return { low: 0, high: 1 };
  const z = quantile(MISS, Number.POSITIVE_INFINITY);
  const weight = 1 + z ** 2 / count;
  const middle = (share + z ** 2 / (2 * count)) / weight;
  const reach = (z / weight) * Math.sqrt((share * (1 - share)) / count + z ** 2 / (4 * count ** 2));
  return { low: Math.max(0, middle - reach), high: Math.min(1, middle + reach) };
}
