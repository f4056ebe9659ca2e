import {
  type GradcheckInput,
  type GradcheckOptions,
  type GradcheckReport,
  gradcheckReport,
} from '../../autograd/gradcheck.ts';
import { type Shape, sizeOf, type Tensor, tensor } from '../../autograd/tensor.ts';
import { copy } from '../../kernels/elementwise.ts';
import type { Module } from '../../nn/module.ts';
import type { Gpu } from '../../runtime/gpu.ts';
import { Philox } from '../../runtime/philox.ts';

/** Numbers for an input: uniform from `low` to `high`; or, with `gap`, in random order and that far apart from each other and from 0. */
export interface InputNumbers {
  shape: Shape;
  /** Default −1. */
  low?: number;
  /** Default 1. */
  high?: number;
  /** For functions with kinks, such as ReLU and the largest of a window, which a central difference must not step across. */
  gap?: number;
  /** Whether its gradient is checked. Default true. */
  requiresGrad?: boolean;
}

/** What is checked: an operation as a function of its inputs, or a layer with its parameters. */
export interface GradcheckCase {
  /** What it is chosen by. */
  name: string;
  /** A shape stands for numbers uniform from −1 to 1. A layer has one input, and its parameters are checked besides. */
  inputs: readonly (Shape | InputNumbers)[];
  /** Names of the inputs, for the reader. Default: 'input 0' and so on. */
  names?: readonly string[];
  /** The operation. It must give the same for the same inputs each time. Either this or `layer` is given. */
  f?(...inputs: Tensor[]): Tensor;
  /** Makes the layer. */
  layer?(gpu: Gpu): Module;
  /** Called first: the place to compile shaders of one's own. */
  setup?(gpu: Gpu): void | Promise<void>;
  /** Step, tolerances, number of elements. */
  options?: GradcheckOptions;
}

/** One input as `runGradcheck` found it. */
export interface CheckedInput extends GradcheckInput {
  name: string;
  /** Where the worst element is: its index in each dimension. */
  place: number[] | undefined;
}

/** What `runGradcheck` found. */
export interface CheckedCase extends Omit<GradcheckReport, 'inputs'> {
  name: string;
  /** Why the tolerances are what they are, in words. */
  reason: string;
  inputs: CheckedInput[];
}

/** A function without curvature: a long step makes rounding small, and the tolerance can be tight. */
export const LINEAR: GradcheckOptions = { step: 0.5, absolute: 2e-5, relative: 2e-5 };

function draw(gpu: Gpu, input: Shape | InputNumbers, seed: number): Tensor {
  const { shape, low = -1, high = 1, gap, requiresGrad = true } = 'shape' in input ? input : { shape: input };
  const count = sizeOf(shape);
  const generator = new Philox(seed, 7);
  const values =
    gap === undefined
      ? Float32Array.from({ length: count }, () => low + (high - low) * generator.uniform())
      : generator.shuffle(Float32Array.from({ length: count }, (_, i) => (i - (count >> 1) + 0.5) * gap));
  return tensor(gpu, values, shape, { requiresGrad });
}

/** A layer as a function of its input and its parameters: what is given is put into the parameters' places before it is called. */
function asFunction(layer: Module, parameters: readonly Tensor[]): (...inputs: Tensor[]) => Tensor {
  const own = parameters.map(({ buffer }) => copy(buffer));
  return (x, ...given) => {
    for (const [i, parameter] of parameters.entries()) {
      const from = given[i] === parameter ? own[i] : given[i].buffer;
      x.gpu.copyRange(from, 0, parameter.buffer, 0, parameter.size);
    }
    return layer.call(x);
  };
}

/** The index in each dimension of the element that stands at a place, counted row by row. */
export function placeOf(shape: Shape, element: number): number[] {
  let rest = element;
  return shape
    .toReversed()
    .map((size) => {
      const index = rest % size;
      rest = (rest - index) / size;
      return index;
    })
    .reverse();
}

/** A size of an error, in one digit or two. */
const rough = (value: number) => value.toExponential(1).replace('.0e', 'e');

function reasonOf({ step, absolute, relative }: GradcheckReport): string {
  return (
    `Allowed is ${absolute} + ${relative} · the largest gradient of the input. A central difference with a step of h = ${step} errs by about ` +
    `h²/6 = ${rough(step ** 2 / 6)} of the third derivative, which is 0 where a function is linear in each number, and by about ` +
    `2⁻²⁴/h = ${rough(2 ** -24 / step)} of an output, float32's rounding. The rest is room for sums of many such errors.`
  );
}

/**
 * Checks the gradients of an operation or a layer. A random mask, such as dropout's, is drawn anew from the same place each time.
 * Throws as the operation does, and TypeError for a case that has neither `f` nor `layer`, or both.
 */
export async function runGradcheck(gpu: Gpu, given: GradcheckCase): Promise<CheckedCase> {
  const { name, names = [], f, layer, setup, options } = given;
  if ((f === undefined) === (layer === undefined)) throw new TypeError(`${name}: either f or layer must be given.`);
  await setup?.(gpu);
  return gpu.scope(async () => {
    const inputs = given.inputs.map((input, i) => draw(gpu, input, i + 1));
    const called = [...inputs.keys()].map((i) => names[i] ?? (layer ? 'x' : `input ${i}`));
    let work = f;
    if (layer) {
      const made = layer(gpu);
      const parameters = made.namedParameters();
      inputs.push(...parameters.map(([, parameter]) => parameter));
      called.push(...parameters.map(([parameter]) => parameter));
      work = asFunction(made, inputs.slice(given.inputs.length));
    }
    const { generator } = gpu;
    const same = (...tensors: Tensor[]): Tensor => {
      gpu.generator = generator;
      return (work as NonNullable<typeof f>)(...tensors);
    };
    const report = await gradcheckReport(same, inputs, options);
    for (const input of inputs) input.zeroGrad();
    return {
      ...{ name, reason: reasonOf(report), ...report },
      inputs: report.inputs.map((input) => ({
        ...{ name: called[input.input], ...input },
        place: input.worst && placeOf(input.shape, input.worst.element),
      })),
    };
  });
}
