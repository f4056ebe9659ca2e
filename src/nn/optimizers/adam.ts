import { adamStep } from '../../kernels/optimizer.ts';
import type { Parameter } from '../parameter.ts';
import { checkRange, type Hyperparameters, Optimizer, type ParameterGroup, type Slot } from './optimizer.ts';

export interface AdamHyperparameters extends Hyperparameters {
  /** Decay of the running means of the gradient and of its square. */
  betas: readonly [number, number];
  /** Added to the root in the denominator. */
  eps: number;
}

/** Defaults: lr 1e-3, betas [0.9, 0.999], eps 1e-8, weightDecay 0. */
export type AdamOptions = Partial<AdamHyperparameters>;

/**
 * Adam as PyTorch defines it; the weight decay is an L2 penalty: g ← g + weightDecay·θ; m ← β₁m + (1 − β₁)g; v ← β₂v + (1 − β₂)g²;
 * θ ← θ − lr / (1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + eps).
 * Source: Kingma, Ba, "Adam: a method for stochastic optimization", ICLR 2015.
 */
export class Adam extends Optimizer<AdamHyperparameters> {
  /** Whether the weight decay stays out of the gradient; see AdamW. */
  protected get decoupled(): boolean {
    return false;
  }

  constructor(
    parameters: readonly Parameter[] | readonly ParameterGroup<AdamHyperparameters>[],
    { lr = 1e-3, betas = [0.9, 0.999], eps = 1e-8, weightDecay = 0 }: AdamOptions = {},
  ) {
    super(parameters, { lr, betas, eps, weightDecay });
  }

  protected check({ lr, betas, eps, weightDecay }: AdamHyperparameters): void {
    const { name } = this.constructor;
    checkRange(`${name}: lr`, lr);
    checkRange(`${name}: weightDecay`, weightDecay);
    checkRange(`${name}: eps`, eps);
    for (const beta of betas) checkRange(`${name}: each of betas`, beta, 1);
  }

  protected keptNames(): readonly string[] {
    return ['exp_avg', 'exp_avg_sq'];
  }

  protected update(
    slots: readonly Slot[],
    { lr, betas, eps, weightDecay }: AdamHyperparameters,
    stepsDone: number,
  ): void {
    adamStep(
      slots.map(({ parameter, grad, kept }) => ({
        parameter,
        grad,
        moment1: kept.exp_avg,
        moment2: kept.exp_avg_sq,
      })),
      {
        lr,
        beta1: betas[0],
        beta2: betas[1],
        eps,
        weightDecay,
        decoupled: this.decoupled,
        stepsDone,
        scaling: this.scaling,
      },
    );
  }
}
