import type { RungName } from './rungs.ts';

/** How long a version took, in milliseconds of a call, each time that it was measured. */
export interface RungTimes {
  rung: RungName;
  ms: readonly number[];
}

/** Gains below this share of the time are taken for noise, however alike the samples are. */
const LEAST_GAIN = 0.02;

const least = ({ ms }: RungTimes): number => Math.min(...ms);

/** How far the samples of a version lie apart, as a share of the fastest: half of them are nearer to it. */
function spreadOf(times: RungTimes): number {
  const sorted = [...times.ms].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] / sorted[0] - 1;
}

/**
 * The version to take by recorded times, of which the first is the usual version's: the one whose fastest sample is the shortest, as whatever else runs on a
 * machine only adds to a time; but the usual one where the gain is no more than its own samples differ by. It depends on the times alone, and what it
 * returns was never slower than the usual version.
 */
export function fastestRung(times: readonly RungTimes[]): RungName {
  const [usual] = times;
  const fastest = times.reduce((best, one) => (least(one) < least(best) ? one : best), usual);
  const gain = 1 - least(fastest) / least(usual);
  return gain > Math.max(LEAST_GAIN, Math.min(spreadOf(usual), 0.1)) ? fastest.rung : usual.rung;
}
