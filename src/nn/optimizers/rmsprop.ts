import { rmspropStep } from '../../kernels/optimizer.ts';
import type { Parameter } from '../parameter.ts';
import { checkRange, type Hyperparameters, Optimizer, type ParameterGroup, type Slot } from './optimizer.ts';

export interface RMSpropHyperparameters extends Hyperparameters {
  /** Decay of the running means of the gradient's square and, where centred, of the gradient. */
  alpha: number;
  /** Added to the root in the denominator. */
  eps: number;
  /** Share of the last step's direction that is kept. 0: none. */
  momentum: number;
  /** Divide by the root of the gradient's variance rather than of its mean square. */
  centered: boolean;
}

/** Defaults: lr 1e-2, alpha 0.99, eps 1e-8, weightDecay 0, momentum 0, centered false. */
export type RMSpropOptions = Partial<RMSpropHyperparameters>;

/**
 * RMSprop as PyTorch defines it: g ← g + weightDecay·θ; s ← αs + (1 − α)g²; a ← αa + (1 − α)g where centred, else 0;
 * b ← momentum·b + g / (√(s − a²) + eps); θ ← θ − lr·b.
 * Source: Tieleman, Hinton, lecture 6.5 of "Neural networks for machine learning", 2012; centred: Graves, arXiv:1308.0850.
 */
export class RMSprop extends Optimizer<RMSpropHyperparameters> {
  constructor(
    parameters: readonly Parameter[] | readonly ParameterGroup<RMSpropHyperparameters>[],
    { lr = 1e-2, alpha = 0.99, eps = 1e-8, weightDecay = 0, momentum = 0, centered = false }: RMSpropOptions = {},
  ) {
    super(parameters, { lr, alpha, eps, weightDecay, momentum, centered });
  }

  protected check({ lr, alpha, eps, weightDecay, momentum }: RMSpropHyperparameters): void {
    checkRange('RMSprop: lr', lr);
    checkRange('RMSprop: alpha', alpha);
    checkRange('RMSprop: eps', eps);
    checkRange('RMSprop: weightDecay', weightDecay);
    checkRange('RMSprop: momentum', momentum);
  }

  protected keptNames({ momentum, centered }: RMSpropHyperparameters): readonly string[] {
    return ['square_avg', ...(centered ? ['grad_avg'] : []), ...(momentum > 0 ? ['momentum_buffer'] : [])];
  }

  protected update(
    slots: readonly Slot[],
    { lr, alpha, eps, weightDecay, momentum, centered }: RMSpropHyperparameters,
    stepsDone: number,
  ): void {
    rmspropStep(
      slots.map(({ parameter, grad, kept }) => ({
        parameter,
        grad,
        squareAverage: kept.square_avg,
        gradAverage: kept.grad_avg,
        velocity: kept.momentum_buffer,
      })),
      { lr, alpha, eps, weightDecay, momentum, centred: centered, stepsDone, scaling: this.scaling },
    );
  }
}
