import type { DeviceArray, Gpu } from '../runtime/gpu.ts';
import { dispatch } from './dispatch.ts';

type F32 = DeviceArray<'f32'>;

/** A binding cannot be empty; where an array is not kept, this stands for it and is neither read nor written. */
function standIn(gpu: Gpu): [F32, number] {
  return [gpu.alloc(4, 'f32', 'optimizer'), 4];
}

function kept(array: F32 | undefined, count: number, optimizer: string): [F32, number] {
  if (array === undefined) throw new Error(`${optimizer}: an array that these hyperparameters keep is missing.`);
  return [array, count];
}

/** Under dynamic loss scaling, the state of the scale: a step that it skips is not done. Default: every step is. */
export interface ScaledStep {
  scaling?: F32;
}

/** What the kernels are told of it. steps: those before this one. Where there is none, the gradient stands for it and is not read. */
function scaled({ scaling }: ScaledStep, grad: F32, steps: number) {
  const array: [F32, number] = scaling ? [scaling, 4] : [grad, grad.length];
  return { array, params: { scaled: Number(scaling !== undefined), steps } };
}

/** A parameter, its gradient, and what SGD keeps for it; all of one length. */
export interface SgdSlot {
  parameter: F32;
  grad: F32;
  /** Needed where there is momentum. */
  velocity?: F32;
}

export interface SgdStep extends ScaledStep {
  lr: number;
  momentum: number;
  /** L2 penalty. */
  weightDecay: number;
  nesterov: boolean;
  /** Steps done before; 0 fills the velocity, whatever it holds. */
  stepsDone: number;
}

/** One step of SGD on all the parameters, in place. */
export function sgdStep(slots: readonly SgdSlot[], step: SgdStep): void {
  const { lr, momentum, weightDecay, nesterov, stepsDone } = step;
  for (const { parameter, grad, velocity } of slots) {
    const { gpu, length: count } = parameter;
    const vectors = Math.ceil(count / 4);
    const scaling = scaled(step, grad, stepsDone);
    gpu.scope(() =>
      dispatch(gpu, 'sgd', {
        arrays: {
          grad: [grad, count],
          parameter: [parameter, count],
          velocity: momentum > 0 ? kept(velocity, count, 'SGD') : standIn(gpu),
          scaling: scaling.array,
        },
        params: {
          ...{ vectors, lr, momentum, decay: weightDecay },
          ...{ nesterov: Number(nesterov), first: Number(stepsDone === 0), ...scaling.params },
        },
        invocations: vectors,
        flops: (4 + 2 * Number(momentum > 0) + 2 * Number(nesterov)) * count,
        bytes: (momentum > 0 ? 20 : 12) * count,
      }),
    );
  }
}

/** A parameter, its gradient, and what Adam keeps for it; all of one length. */
export interface AdamSlot {
  parameter: F32;
  grad: F32;
  moment1: F32;
  moment2: F32;
}

export interface AdamStep extends ScaledStep {
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
    lr,
  };
  for (const { parameter, grad, moment1, moment2 } of slots) {
    const count = parameter.length;
    const vectors = Math.ceil(count / 4);
    const scaling = scaled(step, grad, stepsDone);
    dispatch(parameter.gpu, 'adam', {
      arrays: {
        grad: [grad, count],
        parameter: [parameter, count],
        moment1: [moment1, count],
        moment2: [moment2, count],
        scaling: scaling.array,
      },
      params: { vectors, ...params, ...scaling.params },
      invocations: vectors,
      flops: 16 * count,
      bytes: 28 * count,
    });
  }
}

/** A parameter, its gradient, and what RMSprop keeps for it; all of one length. */
export interface RmspropSlot {
  parameter: F32;
  grad: F32;
  squareAverage: F32;
  /** Needed where centred. */
  gradAverage?: F32;
  /** Needed where there is momentum. */
  velocity?: F32;
}

export interface RmspropStep extends ScaledStep {
  lr: number;
  alpha: number;
  eps: number;
  /** L2 penalty. */
  weightDecay: number;
  momentum: number;
  centred: boolean;
  /** Steps done before; 0 fills what is kept, whatever it holds. */
  stepsDone: number;
}

/** One step of RMSprop on all the parameters, in place. */
export function rmspropStep(slots: readonly RmspropSlot[], step: RmspropStep): void {
  const { lr, alpha, eps, weightDecay, momentum, centred, stepsDone } = step;
  const params = {
    ...{ lr, alpha, rest: 1 - alpha, eps, decay: weightDecay, momentum },
    ...{ centred: Number(centred), first: Number(stepsDone === 0) },
  };
  for (const { parameter, grad, squareAverage, gradAverage, velocity } of slots) {
    const { gpu, length: count } = parameter;
    const vectors = Math.ceil(count / 4);
    const scaling = scaled(step, grad, stepsDone);
    gpu.scope(() =>
      dispatch(gpu, 'rmsprop', {
        arrays: {
          grad: [grad, count],
          parameter: [parameter, count],
          square_average: [squareAverage, count],
          grad_average: centred ? kept(gradAverage, count, 'RMSprop') : standIn(gpu),
          velocity: momentum > 0 ? kept(velocity, count, 'RMSprop') : standIn(gpu),
          scaling: scaling.array,
        },
        params: { vectors, ...params, ...scaling.params },
        invocations: vectors,
        flops: (11 + 5 * Number(centred) + 2 * Number(momentum > 0)) * count,
        bytes: (20 + 8 * Number(centred) + 8 * Number(momentum > 0)) * count,
      }),
    );
  }
}
