import { UserError } from '../../runtime/errors.ts';
import type { Experiment } from '../run/experiment.ts';
import { ps1 } from './ps1.ts';
import { ps2 } from './ps2.ts';
import { ps3 } from './ps3.ts';
import { ps4 } from './ps4.ts';
import { ps5 } from './ps5.ts';
import { ps6 } from './ps6.ts';
import { ps7 } from './ps7.ts';
import { summary } from './summary.ts';

/** The lab's experiments, in order. */
export const EXPERIMENTS: readonly Experiment[] = [ps1, ps2, ps3, ps4, ps5, ps6, ps7, summary];

/** The experiments with these ids, in the lab's order; undefined where there are no ids. Throws UserError for an id that is none. */
export function chooseExperiments(
  experiments: readonly Experiment[],
  ids: readonly string[],
): readonly Experiment[] | undefined {
  const known = experiments.map(({ id }) => id);
  const unknown = ids.find((id) => !known.includes(id));
  if (unknown !== undefined) {
    throw new UserError(`There is no experiment '${unknown}'; the experiments are: ${known.join(', ')}.`);
  }
  return ids.length === 0 ? undefined : experiments.filter(({ id }) => ids.includes(id));
}
