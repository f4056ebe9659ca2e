import type { GradcheckCase } from './gradcheck_case.ts';
import { LAYERS } from './layers.ts';
import { LOSSES } from './losses.ts';
import { OPERATIONS } from './operations.ts';

/** All named cases, by kind. Operations begin with a small letter, layers and losses with a capital one, as their functions and classes do. */
export const GRADCHECK_CASES: Readonly<Record<'operations' | 'layers' | 'losses', readonly GradcheckCase[]>> = {
  operations: OPERATIONS,
  layers: LAYERS,
  losses: LOSSES,
};

/** A case by its name; undefined where there is none. */
export function namedCase(name: string): GradcheckCase | undefined {
  return Object.values(GRADCHECK_CASES)
    .flat()
    .find((one) => one.name === name);
}
