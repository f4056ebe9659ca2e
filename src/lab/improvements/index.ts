import { UserError } from '../../runtime/errors.ts';
import { AFTER_TRAINING_IMPROVEMENTS } from './after_training.ts';
import { DATA_IMPROVEMENTS } from './data.ts';
import type { Improvement } from './improvement.ts';
import { LOSS_IMPROVEMENTS } from './loss.ts';
import { MODEL_IMPROVEMENTS } from './model.ts';
import { TRAINING_IMPROVEMENTS } from './training.ts';

/** The improvements that PS7 measures, group by group. */
export const IMPROVEMENTS: readonly Improvement[] = [
  ...DATA_IMPROVEMENTS,
  ...MODEL_IMPROVEMENTS,
  ...TRAINING_IMPROVEMENTS,
  ...LOSS_IMPROVEMENTS,
  ...AFTER_TRAINING_IMPROVEMENTS,
];

/** The improvements of these names, in their usual order; all where there are no names. Throws UserError for a name that is none. */
export function chooseImprovements(names: readonly string[] | null): readonly Improvement[] {
  const known = IMPROVEMENTS.map(({ name }) => name);
  const unknown = names?.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new UserError(`There is no improvement '${unknown}'; the improvements are: ${known.join(', ')}.`);
  }
  return names === null ? IMPROVEMENTS : IMPROVEMENTS.filter(({ name }) => names.includes(name));
}
