import { addInPlace, copy, fill } from '../kernels/elementwise.ts';
import { ShapeError } from '../runtime/errors.ts';
import type { DeviceArray, ElementType, Gpu, HostArray } from '../runtime/gpu.ts';
import { noteLabels } from './known_labels.ts';

/** Sizes of the dimensions, outermost first. Images are [N, H, W, C]. */
export type Shape = readonly number[];

/** Product of the dimensions; 1 for a scalar, []. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** The number of elements. Throws ShapeError where a size is negative or no whole number. */
export function checkedSizeOf(operation: string, shape: Shape): number {
  if (!shape.every((size) => Number.isSafeInteger(size) && size >= 0)) {
    throw new ShapeError(`${operation}: sizes must be whole numbers of at least 0; the shape is [${shape}].`);
  }
  return sizeOf(shape);
}

/** Called with a gradient when it is complete. */
export type GradientHook = (grad: Tensor) => void;

/**
 * The rule of an operation: from the gradient of the output to those of the inputs, in their order; `undefined` where `needs` says that nobody asks.
 * Results have the inputs' shapes. `dy` itself may be returned, and must not be written to.
 */
export type BackwardRule = (
  dy: DeviceArray<'f32'>,
  needs: readonly boolean[],
) => readonly (DeviceArray<'f32'> | undefined)[];

/** One recorded operation. */
export interface TapeNode {
  name: string;
  /** Position on the tape: an operation's inputs have smaller ones. */
  order: number;
  inputs: readonly Tensor<'f32'>[];
  output: Tensor;
  /** What the rule reads; owned by the tape until the backward pass has gone by. */
  saved: readonly DeviceArray[];
  backward: BackwardRule;
  /** What decides the result besides the inputs and their shapes, such as a stride: for those who translate the tape. Each operation has its own. */
  settings: object | undefined;
  /** True once its saved arrays were given back. */
  spent: boolean;
  /** Walks the tape from a tensor that depends on this node; see `Tensor.backward`. */
  walk(root: Tensor, gradient?: Tensor): void;
}

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
    const size = checkedSizeOf('Tensor', shape);
    if (buffer.length !== size) {
      throw new ShapeError(`Tensor: shape [${shape}] has ${size} elements, the data ${buffer.length}.`);
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
    if (!this.requiresGrad) {
      throw new Error(
        'backward: nothing this tensor was computed from requires a gradient, or it was computed inside noGrad().',
      );
    }
    if (gradient === undefined && this.size !== 1) {
      throw new ShapeError(
        `backward: a tensor of shape [${this.shape}] is not one number; reduce it with sum() or mean(), or pass its gradient.`,
      );
    }
    if (gradient && gradient.size !== this.size) {
      throw new ShapeError(`backward: the gradient has shape [${gradient.shape}], the tensor [${this.shape}].`);
    }
    if (this.node) this.node.walk(this as Tensor, gradient);
    else this.#leafBackward(gradient);
  }

  /** Of a leaf itself: ∂this/∂this. */
  #leafBackward(gradient?: Tensor): void {
    this.gpu.scope(() => {
      const dy = gradient?.buffer ?? fill(this.gpu, 1, 1);
      if (this.grad) addInPlace(this.grad.buffer, dy);
      else this.takeGrad(dy.retain());
    });
    this.announceGradient((this.grad as unknown as Tensor).buffer);
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

/** A u32 tensor: labels, indices. Throws RangeError for a value that is no integer from 0 to 2³² − 1. */
export function indices(gpu: Gpu, values: ArrayLike<number>, shape: Shape = [values.length]): Tensor<'u32'> {
  for (let i = 0; i < values.length; i++) {
    if (Number.isInteger(values[i]) && values[i] >= 0 && values[i] < 2 ** 32) continue;
    throw new RangeError(`indices: value ${i} is ${values[i]}; labels and indices are integers from 0 to 4294967295.`);
  }
  const data = Uint32Array.from(values);
  const buffer = gpu.upload(data, 'indices');
  noteLabels(buffer, data);
  return new Tensor(buffer, shape);
}
