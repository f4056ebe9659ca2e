import { sgdStep } from '../../kernels/optimizer.ts';
import type { Parameter } from '../parameter.ts';
import { checkRange, type Hyperparameters, Optimizer, type ParameterGroup, type Slot } from './optimizer.ts';

export interface SGDHyperparameters extends Hyperparameters {
  /** Share of the last step's direction that is kept. 0: none. */
  momentum: number;
  /** Look ahead along the momentum. */
  nesterov: boolean;
}

/** Hyperparameters of `SGD`; the learning rate has no default. */
export interface SGDOptions extends Partial<SGDHyperparameters> {
  lr: number;
}

/**
 * Stochastic gradient descent as PyTorch defines it: g ← g + weightDecay·θ; v ← momentum·v + g (v = g in the first step);
 * θ ← θ − lr·v, or θ − lr·(g + momentum·v) with `nesterov`. Defaults: momentum 0, weightDecay 0, nesterov false.
 */
export class SGD extends Optimizer<SGDHyperparameters> {
  constructor(
    parameters: readonly Parameter[] | readonly ParameterGroup<SGDHyperparameters>[],
    { lr, momentum = 0, weightDecay = 0, nesterov = false }: SGDOptions,
  ) {
    super(parameters, { lr, momentum, weightDecay, nesterov });
  }

  protected check({ lr, momentum, weightDecay, nesterov }: SGDHyperparameters): void {
    checkRange('SGD: lr', lr);
    checkRange('SGD: momentum', momentum);
    checkRange('SGD: weightDecay', weightDecay);
    if (nesterov && momentum === 0) throw new RangeError('SGD: nesterov needs a momentum above 0.');
  }

  protected keptNames({ momentum }: SGDHyperparameters): readonly string[] {
    return momentum > 0 ? ['momentum_buffer'] : [];
  }

  protected update(
    slots: readonly Slot[],
    { lr, momentum, weightDecay, nesterov }: SGDHyperparameters,
    stepsDone: number,
  ): void {
    sgdStep(
      slots.map(({ parameter, grad, kept }) => ({
        parameter,
        grad,
        velocity: kept.momentum_buffer,
      })),
      { lr, momentum, weightDecay, nesterov, stepsDone: momentum > 0 ? stepsDone : 0, scaling: this.scaling },
    );
  }
}
