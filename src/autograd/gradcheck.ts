import { Philox } from '../runtime/philox.ts';
import { noGrad } from './tape.ts';
import { type Shape, Tensor, tensor } from './tensor.ts';

/** How `gradcheck` compares. */
export interface GradcheckOptions {
  /** Half of the step of the central difference. Default 1e-2, which for float32 balances rounding (≈ 1e-7 / step) against curvature (≈ step²). */
  step?: number;
  /** Largest difference allowed, relative to the largest gradient of the input. Default 2e-3. */
  relative?: number;
  /** Largest difference allowed besides. Default 1e-3. */
  absolute?: number;
  /** Elements checked of each input, evenly spread; all where there are fewer. Default 64. */
  elements?: number;
  /** Seed of the weights over the outputs. Default 1. */
  seed?: number;
}

/** One element of an input: its gradient by backward() and by a central difference. */
export interface GradcheckElement {
  /** Its place in the input, counted row by row. */
  element: number;
  backward: number;
  difference: number;
  /** |backward − difference|; infinite where either is no number. */
  error: number;
}

/** What was found of one input. */
export interface GradcheckInput {
  /** Its number among the inputs. */
  input: number;
  shape: Shape;
  /** Largest |gradient| by backward(), of all its elements. */
  largestGradient: number;
  /** Largest error allowed: absolute + relative · largestGradient. */
  tolerance: number;
  /** Elements compared. */
  checked: number;
  /** Elements whose error is beyond the tolerance. */
  wrong: number;
  /** The first of them. */
  firstWrong: GradcheckElement | undefined;
  largestError: number;
  medianError: number;
  /** The element of the largest error. */
  worst: GradcheckElement | undefined;
}

/** What `gradcheckReport` found. */
export interface GradcheckReport {
  /** Whether no element is wrong. */
  passed: boolean;
  /** Shape of what the function gives. */
  output: Shape;
  step: number;
  relative: number;
  absolute: number;
  /** The inputs that require a gradient. */
  inputs: GradcheckInput[];
}

/** The first element whose gradient is wrong, and how. */
export class GradcheckError extends Error {
  override readonly name = 'GradcheckError';
}

function summary(
  input: number,
  shape: Shape,
  gradient: Float32Array,
  compared: GradcheckElement[],
  options: Tolerance,
) {
  const largestGradient = gradient.reduce((most, g) => Math.max(most, Math.abs(g)), 0);
  const tolerance = options.absolute + options.relative * largestGradient;
  // A tolerance that is no number, as where a gradient is NaN, allows nothing.
  const wrong = compared.filter(({ error }) => !(error <= tolerance));
  const sorted = compared.toSorted((a, b) => a.error - b.error);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  const worst = sorted.at(-1);
  return {
    ...{ input, shape, largestGradient, tolerance, checked: compared.length },
    ...{ wrong: wrong.length, firstWrong: wrong[0], worst },
    largestError: worst?.error ?? 0,
    medianError: low ? (low.error + high.error) / 2 : 0,
  };
}

type Tolerance = Required<Pick<GradcheckOptions, 'absolute' | 'relative'>>;

/**
 * Compares backward() with central differences and tells how far apart they are, input by input. `f` maps the inputs to a tensor y; the loss is
 * Σ w·y with random weights w, summed in float64 on the host, so that each output counts and rounding does not add up. Inputs that require a
 * gradient are checked; `f` must be the same function each time it is called, and smooth within `step` of the inputs.
 * Throws GradcheckError where an input that requires a gradient gets none.
 */
export async function gradcheckReport(
  f: (...inputs: Tensor[]) => Tensor,
  inputs: readonly Tensor[],
  options: GradcheckOptions = {},
): Promise<GradcheckReport> {
  const { step = 1e-2, relative = 2e-3, absolute = 1e-3, elements = 64, seed = 1 } = options;
  const { gpu } = inputs[0];
  const values = await Promise.all(inputs.map((input) => input.data()));
  const generator = new Philox(seed);
  let weights = new Float32Array(0);

  for (const input of inputs) input.zeroGrad();
  const output = await gpu.scope(async () => {
    const y = f(...inputs);
    weights = Float32Array.from({ length: y.size }, () => generator.uniform() * 2 - 1);
    y.backward(tensor(gpu, weights, y.shape));
    return y.shape;
  });

  const lossAt = (which: number, element: number, value: number): Promise<number> =>
    gpu.scope(async () => {
      const changed = values[which].slice();
      changed[element] = value;
      const moved = inputs.map((input, i) => (i === which ? tensor(gpu, changed, input.shape) : input));
      const y = await noGrad(() => f(...moved)).data();
      return y.reduce((sum, v, i) => sum + v * weights[i], 0);
    });

  const found: GradcheckInput[] = [];
  for (const [which, input] of inputs.entries()) {
    if (!input.requiresGrad) continue;
    if (!(input.grad instanceof Tensor)) throw new GradcheckError(`gradcheck: input ${which} got no gradient.`);
    const grad = await input.grad.data();
    const stride = Math.max(1, Math.floor(input.size / elements));
    const compared: GradcheckElement[] = [];
    for (let element = 0; element < input.size; element += stride) {
      const value = values[which][element];
      // The steps that float32 really takes.
      const high = Math.fround(value + step);
      const low = Math.fround(value - step);
      const difference = ((await lossAt(which, element, high)) - (await lossAt(which, element, low))) / (high - low);
      const apart = Math.abs(difference - grad[element]);
      const error = Number.isNaN(apart) ? Number.POSITIVE_INFINITY : apart;
      compared.push({ element, backward: grad[element], difference, error });
    }
    found.push(summary(which, input.shape, grad, compared, { relative, absolute }));
  }
  return { passed: found.every(({ wrong }) => wrong === 0), output, step, relative, absolute, inputs: found };
}

/**
 * Compares backward() with central differences, as `gradcheckReport` does. Throws GradcheckError naming the first wrong element: its input, its
 * place and both values. Returns the number of elements checked.
 */
export async function gradcheck(
  f: (...inputs: Tensor[]) => Tensor,
  inputs: readonly Tensor[],
  options: GradcheckOptions = {},
): Promise<number> {
  const report = await gradcheckReport(f, inputs, options);
  for (const { input, shape, firstWrong, tolerance } of report.inputs) {
    if (firstWrong === undefined) continue;
    const { element, backward, difference } = firstWrong;
    throw new GradcheckError(
      `gradcheck: input ${input} [${shape}], element ${element}: backward gives ${backward}, central differences ${difference} (allowed difference ${tolerance.toPrecision(3)}; output [${report.output}]).`,
    );
  }
  return report.inputs.reduce((sum, { checked }) => sum + checked, 0);
}
