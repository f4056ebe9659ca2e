import { Tensor } from '../autograd/tensor.ts';
import { type ScaleMoves, unscaleGradients } from '../kernels/loss_scale.ts';
import type { DeviceArray, Gpu } from '../runtime/gpu.ts';
import type { Optimizer } from './optimizers/optimizer.ts';
import type { Parameter } from './parameter.ts';

/** Settings of a `GradScaler`; the defaults are PyTorch's. */
export interface GradScalerOptions {
  /** Default 2¹⁶. */
  initScale?: number;
  /** Default 2. */
  growthFactor?: number;
  /** Default 0.5. */
  backoffFactor?: number;
  /** Good steps in a row after which the scale grows. Default 2000. */
  growthInterval?: number;
}

/** Where a scale stands. */
export interface GradScalerState {
  scale: number;
  /** Good steps in a row since the scale last changed. */
  goodSteps: number;
  /** Steps skipped so far, and in a row until now. */
  skippedSteps: number;
  skippedInARow: number;
}

/**
 * Scales the loss of a training in half precision, so that small gradients do not become 0 there, and skips a step whose gradients are not finite. The rule is
 * that of PyTorch's torch.cuda.amp.GradScaler; it stays on the device, and no step waits for it.
 *
 *   scaler.backward(loss);
 *   scaler.unscale(model.parameters());   // here gradients may be clipped
 *   optimizer.step();                     // does nothing where they are not finite
 */
export class GradScaler {
  readonly #scale: DeviceArray<'f32'>;
  readonly #state: DeviceArray<'f32'>;
  readonly #moves: ScaleMoves;

  /** Every step of the optimizer is from now on one that may be skipped. Throws RangeError for settings that make no sense. */
  constructor(gpu: Gpu, optimizer: Optimizer, options: GradScalerOptions = {}) {
    const { initScale = 2 ** 16, growthFactor = 2, backoffFactor = 0.5, growthInterval = 2000 } = options;
    if (!(initScale > 0)) throw new RangeError(`GradScaler: initScale must be above 0, not ${initScale}.`);
    if (!(growthFactor >= 1)) throw new RangeError(`GradScaler: growthFactor must be at least 1, not ${growthFactor}.`);
    if (!(backoffFactor > 0 && backoffFactor < 1)) {
      throw new RangeError(`GradScaler: backoffFactor must be above 0 and below 1, not ${backoffFactor}.`);
    }
    if (!Number.isInteger(growthInterval) || growthInterval < 1) {
      throw new RangeError(`GradScaler: growthInterval must be a whole number from 1, not ${growthInterval}.`);
    }
    this.#scale = gpu.unscoped(() => gpu.upload(Float32Array.of(initScale), 'lossScale'));
    this.#state = gpu.unscoped(() => gpu.upload(new Float32Array(4), 'lossScale'));
    this.#moves = { growth: growthFactor, backoff: backoffFactor, interval: growthInterval };
    optimizer.scaling = this.#state;
  }

  /** The backward pass of the loss, [], times the scale. */
  backward(loss: Tensor): void {
    loss.backward(new Tensor(this.#scale, []));
  }

  /** Divides the gradients of parameters by the scale and moves it on. Once a step, with all parameters that learn, before they are clipped. */
  unscale(parameters: readonly Parameter[]): void {
    const grads = new Set(parameters.flatMap(({ grad }) => (grad ? [grad.buffer] : [])));
    if (grads.size > 0) unscaleGradients([...grads], { scale: this.#scale, state: this.#state }, this.#moves);
  }

  /** Waits for the device and reads where the scale stands. */
  async read(): Promise<GradScalerState> {
    const [[scale], [goodSteps, skippedSteps, skippedInARow]] = [await this.#scale.read(), await this.#state.read()];
    return { scale, goodSteps, skippedSteps, skippedInARow };
  }

  /** Goes on from there. */
  set({ scale, goodSteps, skippedSteps, skippedInARow }: GradScalerState): void {
    const { gpu } = this.#scale;
    gpu.write(this.#scale, Float32Array.of(scale));
    gpu.write(this.#state, Float32Array.of(goodSteps, skippedSteps, skippedInARow, 0));
  }
}
