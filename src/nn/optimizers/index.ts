import type { Parameter } from '../parameter.ts';
import { Adam } from './adam.ts';
import { AdamW } from './adamw.ts';
import type { Optimizer } from './optimizer.ts';
import { RMSprop } from './rmsprop.ts';
import { SGD } from './sgd.ts';

/** The optimizers by the names that configurations give them. */
export const OPTIMIZER_NAMES = ['sgd', 'adam', 'adamw', 'rmsprop'] as const;
export type OptimizerName = (typeof OPTIMIZER_NAMES)[number];

/** What a configuration may say; what is left out is the lab's. */
export interface OptimizerSettings {
  /** Default: 1e-2 for 'sgd', 1e-3 for the others. */
  lr?: number;
  /** Default 1e-4. Decoupled for 'adamw', an L2 penalty for the others. */
  weightDecay?: number;
  /** For 'sgd' (default 0.9) and 'rmsprop' (default 0); the others have none. */
  momentum?: number;
}

/** An optimizer by its name, with the lab's settings where none are given. Throws RangeError for a name or setting that makes no sense. */
export function createOptimizer(
  name: OptimizerName,
  parameters: readonly Parameter[],
  { lr, weightDecay = 1e-4, momentum }: OptimizerSettings = {},
): Optimizer {
  if (momentum !== undefined && (name === 'adam' || name === 'adamw')) {
    throw new RangeError(`The optimizer '${name}' has no momentum of its own; leave it out, or take sgd or rmsprop.`);
  }
  switch (name) {
    case 'sgd':
      return new SGD(parameters, { lr: lr ?? 1e-2, momentum: momentum ?? 0.9, weightDecay });
    case 'adam':
      return new Adam(parameters, { lr: lr ?? 1e-3, weightDecay });
    case 'adamw':
      return new AdamW(parameters, { lr: lr ?? 1e-3, weightDecay });
    case 'rmsprop':
      return new RMSprop(parameters, { lr: lr ?? 1e-3, momentum: momentum ?? 0, weightDecay });
    default:
      throw new RangeError(`There is no optimizer '${name}'; there are: ${OPTIMIZER_NAMES.join(', ')}.`);
  }
}
