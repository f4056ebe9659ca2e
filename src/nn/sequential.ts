import { normalizedConv2d } from '../autograd/ops/conv2d.ts';
import { isGradEnabled } from '../autograd/tape.ts';
import type { Shape, Tensor } from '../autograd/tensor.ts';
import { BatchNorm2d } from './layers/batch_norm2d.ts';
import { Conv2d } from './layers/conv2d.ts';
import { Module } from './module.ts';

/** The output of modules called one after the other. */
export function callInTurn(layers: Iterable<Module>, x: Tensor): Tensor {
  let y = x;
  const all = [...layers];
  for (let i = 0; i < all.length; i++) {
    const together = i + 1 < all.length ? normalizedConvolution(all[i], all[i + 1], y) : undefined;
    const next = together ?? all[i].call(y);
    if (together) i++;
    // What the layer read is not needed any more, unless its output is the same memory (Flatten) or it is the caller's. Where the tape
    // or a hook that called keep() holds it too, it lives on.
    if (y.buffer !== next.buffer && y.buffer !== x.buffer) y.gpu.drop(y.buffer);
    y = next;
  }
  return y;
}

/**
 * A convolution and the batch normalisation behind it in one pass: in evaluation, where no gradient is recorded and nobody looks at what lies between the two.
 * Undefined elsewhere.
 */
function normalizedConvolution(conv: Module, norm: Module, x: Tensor): Tensor | undefined {
  if (norm.training || isGradEnabled() || conv.isHooked || norm.isHooked) return undefined;
  // Of a class of one's own it is not known what it computes.
  if (!isPlain(conv, Conv2d) || !isPlain(norm, BatchNorm2d)) return undefined;
  const { weight, bias, runningMean, runningVar, eps, activation } = norm;
  if (activation !== undefined && activation !== 'relu') return undefined;
  const following = { weight, bias, runningMean, runningVar, eps, relu: activation === 'relu' };
  return x.gpu.scope(() => normalizedConv2d(x, conv.weight, conv.bias, conv, following));
}

/** Whether a module is of this very class. */
function isPlain<M extends Module>(module: Module, type: new (...given: never[]) => M): module is M {
  return module.constructor === type;
}

/** The shape of `callInTurn`'s result for an input of this shape. */
export function inferShapeInTurn(layers: Iterable<Module>, input: Shape): Shape {
  let shape = input;
  for (const layer of layers) shape = layer.inferShape(shape);
  return shape;
}

/**
 * Modules one after the other. Their names are those of the record, or '0', '1', … where they are listed.
 *
 *     new Sequential(new Flatten(), new Linear(gpu, 784, 10))
 *     new Sequential({ flatten: new Flatten(), head: new Linear(gpu, 784, 10) })
 */
export class Sequential extends Module {
  readonly #layers: ReadonlyMap<string, Module>;

  constructor(layers: Readonly<Record<string, Module>>);
  constructor(...layers: Module[]);
  constructor(...layers: [Readonly<Record<string, Module>>] | Module[]) {
    super();
    const named = layers.length === 1 && !(layers[0] instanceof Module) ? layers[0] : layers;
    this.#layers = new Map(Object.entries(named));
  }

  override *namedChildren(): Generator<[string, Module]> {
    yield* this.#layers;
  }

  get length(): number {
    return this.#layers.size;
  }

  /** The layer of that name. */
  get(name: string): Module {
    const layer = this.#layers.get(name);
    if (layer === undefined) {
      throw new Error(
        `Sequential: there is no layer '${name}'; the layers are: ${[...this.#layers.keys()].join(', ')}.`,
      );
    }
    return layer;
  }

  forward(x: Tensor): Tensor {
    return callInTurn(this.#layers.values(), x);
  }

  protected outputShape(input: Shape): Shape {
    return inferShapeInTurn(this.#layers.values(), input);
  }
}
