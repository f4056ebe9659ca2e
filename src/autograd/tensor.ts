import type { DeviceArray, ElementType, HostArray } from '../kernels/device_array.ts';
import { copy } from '../kernels/elementwise.ts';
import { ShapeError } from '../kernels/errors.ts';
import type { Gpu } from '../kernels/gpu.ts';
import { runBackward } from './backward.ts';
import { noteLabels } from './known_labels.ts';
import type { TapeNode } from './tape.ts';

/** Sizes of the dimensions, outermost first. Images are [N, H, W, C]. */
export type Shape = readonly number[];

/** Product of the dimensions; 1 for a scalar, []. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Called with a gradient when it is complete. */
export type GradientHook = (grad: Tensor) => void;

/** A dense array of numbers on the device with a shape, and, where it takes part in a gradient, its place on the tape. */
export class Tensor<T extends ElementType = 'f32'> {
  /** The numbers, on the device. */
  readonly buffer: DeviceArray<T>;
  readonly shape: Shape;
  /** True for leaves whose gradient is wanted and for everything computed from them. */
  requiresGrad = false;
  /** Of a leaf, after backward(): ∂loss/∂this, summed over all backward passes since zeroGrad(). */
  grad: Tensor | undefined;
  /** The operation that made this tensor; none for a leaf. */
  node: TapeNode | undefined;
  #hooks: GradientHook[] | undefined;

  constructor(buffer: DeviceArray<T>, shape: Shape) {
    if (buffer.length !== sizeOf(shape)) {
      throw new ShapeError(`Tensor: shape [${shape}] has ${sizeOf(shape)} elements, the data ${buffer.length}.`);
    }
    this.buffer = buffer;
    this.shape = shape;
  }

  get gpu(): Gpu {
    return this.buffer.gpu;
  }

  /** Number of elements. */
  get size(): number {
    return this.buffer.length;
  }

  /** Waits for the device and copies the numbers to the host, rows first. */
  data(): Promise<HostArray<T>> {
    return this.buffer.read();
  }

  /** The one number of a tensor of one element. */
  async item(): Promise<number> {
    if (this.size !== 1) throw new ShapeError(`item: the tensor has shape [${this.shape}], not one element.`);
    return (await this.data())[0];
  }

  /**
   * Computes ∂this/∂leaf into `grad` of every leaf that requires it, adding to what is there. `this` must have one element unless its own
   * gradient is given. Walks the tape once and frees what it passes: a second call needs a new forward pass.
   */
  backward(gradient?: Tensor): void {
    runBackward(this as Tensor, gradient);
  }

  /** The same numbers as a leaf without history. */
  detach(): Tensor<T> {
    return new Tensor(this.buffer, this.shape);
  }

  /** Takes the tensor out of its scope: it lives until nothing refers to it. */
  keep(): this {
    this.buffer.keep();
    return this;
  }

  /** Calls `hook` in backward() with the gradient with respect to this tensor. Returns a function that removes the hook. */
  registerHook(hook: GradientHook): () => void {
    if (!this.requiresGrad) throw new Error('registerHook: this tensor does not require a gradient.');
    this.#hooks ??= [];
    const hooks = this.#hooks;
    hooks.push(hook);
    return () => {
      const at = hooks.indexOf(hook);
      if (at >= 0) hooks.splice(at, 1);
    };
  }

  /** Tells the hooks that the gradient is complete. Called by the backward pass. */
  announceGradient(grad: DeviceArray<'f32'>): void {
    if (this.#hooks) for (const hook of [...this.#hooks]) hook(new Tensor(grad, this.shape));
  }

  /** Gives a leaf that has no gradient one, and the caller's ownership of it. Called by the backward pass. */
  takeGrad(grad: DeviceArray<'f32'>): void {
    let own = grad;
    if (!grad.isUnshared) {
      // It is also the gradient of another tensor, or somebody kept it.
      own = this.gpu.unscoped(() => copy(grad));
      grad.release();
    }
    this.gpu.watch(own);
    this.grad = new Tensor(own, this.shape);
  }

  /** Forgets the gradient; its memory is free at once. */
  zeroGrad(): void {
    this.grad?.buffer.release();
    this.grad = undefined;
  }

  /** The arrays it owns, for scopes. */
  deviceArrays(): DeviceArray[] {
    return [this.buffer];
  }

  toString(): string {
    return `Tensor([${this.shape}]${this.requiresGrad ? ', requiresGrad' : ''})`;
  }
}

function flatten(values: NestedNumbers, shape: number[], depth: number, into: number[]): void {
  if (typeof values === 'number') {
    if (depth !== shape.length) throw new ShapeError('tensor: nested arrays must all have the same depth.');
    into.push(values);
    return;
  }
  if (depth === shape.length && into.length === 0) shape.push(values.length);
  if (shape[depth] !== values.length) {
    throw new ShapeError(
      `tensor: nested arrays must be rectangular; found ${values.length} elements where ${shape[depth]} were expected.`,
    );
  }
  for (const value of values) flatten(value, shape, depth + 1, into);
}

export type NestedNumbers = number | readonly NestedNumbers[];

/**
 * A float32 tensor with these values. values: a Float32Array with its shape, or nested arrays, whose shape is their own.
 * Throws ShapeError where they do not fit.
 */
export function tensor(
  gpu: Gpu,
  values: Float32Array | NestedNumbers,
  shape?: Shape,
  options: { requiresGrad?: boolean } = {},
): Tensor {
  let data: Float32Array;
  let sizes = shape;
  if (values instanceof Float32Array) {
    data = values;
  } else {
    const own: number[] = [];
    const flat: number[] = [];
    flatten(values, own, 0, flat);
    data = Float32Array.from(flat);
    sizes ??= own;
  }
  const result = new Tensor(gpu.upload(data, 'tensor'), sizes ?? [data.length]);
  result.requiresGrad = options.requiresGrad ?? false;
  return result;
}

/** A u32 tensor: labels, indices. */
export function indices(gpu: Gpu, values: ArrayLike<number>, shape: Shape = [values.length]): Tensor<'u32'> {
  const data = Uint32Array.from(values);
  const buffer = gpu.upload(data, 'indices');
  noteLabels(buffer, data);
  return new Tensor(buffer, shape);
}
