import type { DeviceArray } from './device_array.ts';
import { flatGrid } from './grid.ts';

type F32 = DeviceArray<'f32'>;

/** A parameter, its gradient, and what SGD keeps for it; all of one length. */
export interface SgdSlot {
  parameter: F32;
  grad: F32;
  velocity: F32;
}

export interface SgdStep {
  lr: number;
  momentum: number;
  /** L2 penalty. */
  weightDecay: number;
  nesterov: boolean;
  /** Steps done before; 0 fills the velocity, whatever it holds. */
  stepsDone: number;
}

/** One step of SGD on all the parameters, in place. */
export function sgdStep(slots: readonly SgdSlot[], { lr, momentum, weightDecay, nesterov, stepsDone }: SgdStep): void {
  for (const { parameter, grad, velocity } of slots) {
    const count = parameter.length;
    const vectors = Math.ceil(count / 4);
    parameter.gpu.dispatch('sgd', {
      arrays: { grad: [grad, count], parameter: [parameter, count], velocity: [velocity, count] },
      params: { vectors, lr, momentum, decay: weightDecay, nesterov: Number(nesterov), first: Number(stepsDone === 0) },
      workgroups: flatGrid(vectors),
    });
  }
}

/** A parameter, its gradient, and what Adam keeps for it; all of one length. */
export interface AdamSlot {
  parameter: F32;
  grad: F32;
  moment1: F32;
  moment2: F32;
}

export interface AdamStep {
  lr: number;
  beta1: number;
  beta2: number;
  eps: number;
  weightDecay: number;
  /** False: an L2 penalty in the gradient (Adam). True: the parameter shrinks by lr · weightDecay (AdamW). */
  decoupled: boolean;
  /** Steps done before; 0 fills the moments, whatever they hold. */
  stepsDone: number;
}

/** One step of Adam on all the parameters, in place. */
export function adamStep(slots: readonly AdamSlot[], step: AdamStep): void {
  const { lr, beta1, beta2, eps, weightDecay, decoupled, stepsDone } = step;
  const t = stepsDone + 1;
  const params = {
    step_size: lr / (1 - beta1 ** t),
    root: Math.sqrt(1 - beta2 ** t),
    ...{ beta1, rest1: 1 - beta1, beta2, rest2: 1 - beta2, eps },
    decay: decoupled ? 0 : weightDecay,
    shrink: decoupled ? 1 - lr * weightDecay : 1,
    first: Number(stepsDone === 0),
  };
  for (const { parameter, grad, moment1, moment2 } of slots) {
    const count = parameter.length;
    const vectors = Math.ceil(count / 4);
    parameter.gpu.dispatch('adam', {
      arrays: {
        grad: [grad, count],
        parameter: [parameter, count],
        moment1: [moment1, count],
        moment2: [moment2, count],
      },
      params: { vectors, ...params },
      workgroups: flatGrid(vectors),
    });
  }
}
