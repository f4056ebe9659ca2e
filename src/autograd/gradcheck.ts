import { Philox } from '../runtime/philox.ts';
import { noGrad } from './tape.ts';
import { Tensor, tensor } from './tensor.ts';

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

/** The first element whose gradient is wrong, and how. */
export class GradcheckError extends Error {
  override readonly name = 'GradcheckError';
}

/**
 * Compares backward() with central differences. `f` maps the inputs to a tensor y; the loss is Σ w·y with random weights w, summed in
 * float64 on the host, so that each output counts and rounding does not add up. Inputs that require a gradient are checked; `f` must be
 * the same function each time it is called, and smooth within `step` of the inputs.
 * Throws GradcheckError naming the input, the element and both values. Returns the number of elements checked.
 */
export async function gradcheck(
  f: (...inputs: Tensor[]) => Tensor,
  inputs: readonly Tensor[],
  options: GradcheckOptions = {},
): Promise<number> {
  const { step = 1e-2, relative = 2e-3, absolute = 1e-3, elements = 64, seed = 1 } = options;
  const { gpu } = inputs[0];
  const values = await Promise.all(inputs.map((input) => input.data()));
  const generator = new Philox(seed);
  let weights = new Float32Array(0);

  for (const input of inputs) input.zeroGrad();
  const shapes = await gpu.scope(async () => {
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

  let checked = 0;
  for (let which = 0; which < inputs.length; which++) {
    const input = inputs[which];
    if (!input.requiresGrad) continue;
    if (!(input.grad instanceof Tensor)) throw new GradcheckError(`gradcheck: input ${which} got no gradient.`);
    const grad = await input.grad.data();
    const largest = grad.reduce((most, g) => Math.max(most, Math.abs(g)), 0);
    const stride = Math.max(1, Math.floor(input.size / elements));
    for (let element = 0; element < input.size; element += stride) {
      const value = values[which][element];
      // The steps that float32 really takes.
      const high = Math.fround(value + step);
      const low = Math.fround(value - step);
      const difference = ((await lossAt(which, element, high)) - (await lossAt(which, element, low))) / (high - low);
      const allowed = absolute + relative * largest;
      if (!(Math.abs(difference - grad[element]) <= allowed)) {
        throw new GradcheckError(
          `gradcheck: input ${which} [${input.shape}], element ${element}: backward gives ${grad[element]}, central differences ${difference} (allowed difference ${allowed.toPrecision(3)}; output [${shapes}]).`,
        );
      }
      checked++;
    }
  }
  return checked;
}
