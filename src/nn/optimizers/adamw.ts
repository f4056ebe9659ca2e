import type { Parameter } from '../parameter.ts';
import { Adam, type AdamHyperparameters, type AdamOptions } from './adam.ts';
import type { ParameterGroup } from './optimizer.ts';

/**
 * AdamW as PyTorch defines it: Adam whose weight decay does not pass through the moments: θ ← (1 − lr·weightDecay)·θ, then Adam's step without
 * a penalty. Defaults: lr 1e-3, betas [0.9, 0.999], eps 1e-8, weightDecay 1e-2.
 * Source: Loshchilov, Hutter, "Decoupled weight decay regularization", ICLR 2019.
 */
export class AdamW extends Adam {
  constructor(
    parameters: readonly Parameter[] | readonly ParameterGroup<AdamHyperparameters>[],
    { weightDecay = 1e-2, ...options }: AdamOptions = {},
  ) {
    super(parameters, { ...options, weightDecay });
  }

  protected override get decoupled(): boolean {
    return true;
  }
}
