import type { Parameter } from '../parameter.ts';
import { Adam } from './adam.ts';
import { AdamW } from './adamw.ts';
import type { Hyperparameters, Optimizer, ParameterGroup } from './optimizer.ts';
import { RMSprop } from './rmsprop.ts';
import { SGD } from './sgd.ts';

/** The optimizers by the names that configurations give them. */
export const OPTIMIZER_NAMES = ['sgd', 'adam', 'adamw', 'rmsprop'] as const;
/** An optimizer that `createOptimizer` knows. */
export type OptimizerName = (typeof OPTIMIZER_NAMES)[number];

/** What a configuration may say; what is left out is the lab's. */
export interface OptimizerSettings {
  /** Default: 1e-2 for 'sgd', 1e-3 for the others. */
  lr?: number;
  /** Default 1e-4. Decoupled for 'adamw', an L2 penalty for the others. */
  weightDecay?: number;
  /** For 'sgd' (default 0.9) and 'rmsprop' (default 0); the others have none. */
  momentum?: number;
  /** For 'sgd': look ahead along the momentum. Default false. */
  nesterov?: boolean;
  /** For 'adam' and 'adamw'. Default 0.9, 0.999. */
  betas?: readonly [number, number];
  /** For 'adam', 'adamw' and 'rmsprop': added in the denominator. Default 1e-8. */
  eps?: number;
}

/** Which optimizers have a setting that not all have. */
export const OPTIMIZER_SETTINGS = {
  momentum: ['sgd', 'rmsprop'],
  nesterov: ['sgd'],
  betas: ['adam', 'adamw'],
  eps: ['adam', 'adamw', 'rmsprop'],
} as const satisfies Partial<Record<keyof OptimizerSettings, readonly OptimizerName[]>>;

/**
 * An optimizer of parameters, or of groups of them, by its name, with the lab's settings where none are given. Throws RangeError for a name or setting
 * that makes no sense.
 */
export function createOptimizer(
  name: OptimizerName,
  parameters: readonly Parameter[] | readonly ParameterGroup<Hyperparameters>[],
  settings: OptimizerSettings = {},
): Optimizer {
  const { lr, weightDecay = 1e-4, momentum, nesterov, betas, eps } = settings;
  for (const [setting, owners] of Object.entries(OPTIMIZER_SETTINGS)) {
    if (settings[setting as keyof OptimizerSettings] === undefined || owners.includes(name as never)) continue;
    throw new RangeError(
      `The optimizer '${name}' has no ${setting} of its own; leave it out, or take ${owners.join(' or ')}.`,
    );
  }
  switch (name) {
    case 'sgd':
      return new SGD(parameters, { lr: lr ?? 1e-2, momentum: momentum ?? 0.9, nesterov, weightDecay });
    case 'adam':
      return new Adam(parameters, { lr: lr ?? 1e-3, betas, eps, weightDecay });
    case 'adamw':
      return new AdamW(parameters, { lr: lr ?? 1e-3, betas, eps, weightDecay });
    case 'rmsprop':
      return new RMSprop(parameters, { lr: lr ?? 1e-3, momentum: momentum ?? 0, eps, weightDecay });
    default:
      throw new RangeError(`There is no optimizer '${name}'; there are: ${OPTIMIZER_NAMES.join(', ')}.`);
  }
}
