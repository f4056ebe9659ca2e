import type { Shape, Tensor } from '../../autograd/tensor.ts';
import { UserError } from '../../runtime/errors.ts';
import type { Trace, TracedOperation } from '../trace_forward.ts';
import type { HostTensor } from '../weights/host_tensor.ts';
import { permute } from '../weights/layout.ts';
import type { OnnxGraph } from './onnx_graph.ts';

/** Where each dimension of [N, H, W, C] stands in [N, C, H, W]. */
const PLACE_IN_NCHW = [0, 2, 3, 1] as const;
/** The dimensions of [N, C, H, W], as those of [N, H, W, C]. */
export const TO_NCHW = [0, 3, 1, 2] as const;
/** The dimensions of [N, H, W, C], as those of [N, C, H, W]. */
export const TO_NHWC = [0, 2, 3, 1] as const;

/** A dimension of a tensor of the engine's, as ONNX counts it: images are [N, C, H, W] there. */
export function onnxAxis({ shape }: Tensor, dimension: number): number {
  return shape.length === 4 ? PLACE_IN_NCHW[dimension] : dimension;
}

/** Sizes, or other numbers for each dimension, in ONNX's order. */
export function inOnnxOrder<T>(each: readonly T[]): readonly T[] {
  return each.length === 4 ? TO_NCHW.map((d) => each[d]) : each;
}

/** A traced forward pass while it is translated: under which names its tensors stand in the graph. */
export class Translation {
  readonly graph: OnnxGraph;
  readonly #names = new Map<Tensor, string>();
  /** Of parameters and buffers. */
  readonly #constants: ReadonlyMap<Tensor, readonly [name: string, values: HostTensor<Float32Array>]>;
  readonly #uses = new Map<Tensor, number>();
  readonly #fromInput: Set<Tensor>;
  readonly #batch: number;

  constructor(
    graph: OnnxGraph,
    { input, output, operations }: Trace,
    constants: ReadonlyMap<Tensor, readonly [string, HostTensor<Float32Array>]>,
  ) {
    this.graph = graph;
    this.#constants = constants;
    this.#batch = input.shape[0];
    this.#fromInput = new Set([input]);
    for (const tensor of [output, ...operations.flatMap(({ inputs }) => inputs)]) {
      this.#uses.set(tensor, (this.#uses.get(tensor) ?? 0) + 1);
    }
  }

  /** Says under which name a tensor stands. */
  set(tensor: Tensor, name: string): void {
    this.#names.set(tensor, name);
  }

  /** Whether a tensor was computed from the images, so that its first dimension is the batch. */
  isBatched(tensor: Tensor): boolean {
    return this.#fromInput.has(tensor);
  }

  /** How often a tensor is read, as the output of the model too. */
  uses(tensor: Tensor): number {
    return this.#uses.get(tensor) ?? 0;
  }

  /** The name of the value of a tensor, images as [N, C, H, W]. Throws UserError where it is not known where the tensor comes from. */
  value(tensor: Tensor): string {
    const known = this.#names.get(tensor);
    if (known !== undefined) return known;
    return this.constant(tensor, inOnnxOrder(tensor.shape.map((_, d) => d)));
  }

  /** A parameter or buffer with its dimensions in another order, repeated or not in the `shape` it is to have first. Throws UserError for any other tensor. */
  constant(tensor: Tensor, order: readonly number[], shape: Shape = tensor.shape): string {
    const found = this.#constants.get(tensor);
    if (found === undefined) {
      throw new UserError(
        `The network reads a tensor of shape [${tensor.shape}] that is neither computed from its input by recorded operations nor a parameter or buffer: make it a PersistentBuffer to export it.`,
      );
    }
    const [name, { data }] = found;
    return this.graph.floats(name, `[${shape}] as [${order}]`, () => permute({ shape, data }, order));
  }

  /** Whether a tensor is a parameter or buffer. */
  isConstant(tensor: Tensor): boolean {
    return this.#constants.has(tensor);
  }

  /** Translates one operation. nodes: adds its nodes and returns the name of the result. */
  operation(traced: TracedOperation, nodes: (traced: TracedOperation, translation: Translation) => string): void {
    const { inputs, output, module } = traced;
    this.graph.place = module;
    if (inputs.some((tensor) => this.isBatched(tensor))) {
      if (output.shape[0] !== this.#batch) throw refusal(traced, 'its result has not one part for each image');
      this.#fromInput.add(output);
    }
    this.set(output, nodes(traced, this));
  }
}

/** What is said of an operation that has no counterpart in a graph that takes any number of images. */
export function refusal({ name, module }: TracedOperation, why: string): UserError {
  const where = module === '' ? 'of the network' : `in ${module}`;
  return new UserError(`The operation ${name} ${where} cannot be exported to ONNX: ${why}.`);
}
