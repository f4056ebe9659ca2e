import { squareSums } from '../../kernels/clip.ts';
import { addInPlace, scale } from '../../kernels/elementwise.ts';
import { allocPacked, packed } from '../../kernels/packing.ts';
import type { Module } from '../../nn/module.ts';
import type { Optimizer } from '../../nn/optimizers/optimizer.ts';
import type { Parameter } from '../../nn/parameter.ts';
import type { DeviceArray, Gpu } from '../../runtime/gpu.ts';
import type { Readings } from './readings.ts';
import type { ParameterSample } from './training_history.ts';

type F32 = DeviceArray<'f32'>;

/** Where the sums of squares of some arrays will be: of each piece, the array it is of. */
interface Sums {
  start: number;
  owners: readonly number[];
}

/** Looks at the parameters of a model before and after a step. Lives in the scope of the step. */
export class ParameterProbe {
  readonly #readings: Readings;
  readonly #named: readonly [string, Parameter][];
  readonly #optimized: ReadonlySet<Parameter>;
  readonly #before: F32[];
  readonly #gradients = new Map<Parameter, F32>();
  readonly #removers: (() => void)[];
  readonly #stale: string[] = [];
  #sums: { weights: Sums; gradients: Sums; updates: Sums } | undefined;

  /** Copies the parameters as they are. */
  constructor(gpu: Gpu, model: Module, optimizer: Optimizer, readings: Readings) {
    this.#readings = readings;
    this.#named = model.namedParameters().filter(([, { size }]) => size > 0);
    this.#optimized = new Set(optimizer.groups.flatMap(({ parameters }) => parameters));
    this.#before = copies(gpu, this.#parameters());
    this.#removers = this.#parameters().flatMap((parameter) =>
      parameter.requiresGrad
        ? [
            parameter.registerHook(({ buffer }) => {
              // It is looked at after the update, when the loop may have let go of it.
              if (!this.#gradients.has(parameter)) this.#gradients.set(parameter, buffer.retain());
            }),
          ]
        : [],
    );
  }

  #parameters(): Parameter[] {
    return this.#named.map(([, parameter]) => parameter);
  }

  /** A backward pass begins: the first of a step must find no gradients. */
  noteStaleGradients(): void {
    for (const [name, parameter] of this.#named) {
      if (parameter.grad && parameter.requiresGrad && this.#optimized.has(parameter)) this.#stale.push(name);
    }
  }

  /** The step is done. */
  measure(gpu: Gpu): void {
    gpu.scope(() => {
      const after = copies(gpu, this.#parameters());
      const weights = this.#add(this.#before);
      const [earlier, later] = [packed(this.#before), packed(after)];
      for (const [i, { span }] of later.entries()) addInPlace(span, scale(earlier[i].span, -1));
      const gradients = [...this.#gradients.values()];
      this.#sums = { weights, gradients: this.#add(gradients), updates: this.#add(after) };
    });
  }

  #add(arrays: readonly F32[]): Sums {
    if (arrays.length === 0) return { start: 0, owners: [] };
    const { partial, owners } = squareSums(arrays);
    return { start: this.#readings.add(partial), owners };
  }

  /** Lets go of the gradients and takes the hooks away. */
  release(): void {
    for (const remove of this.#removers) remove();
    for (const gradient of this.#gradients.values()) gradient.release();
  }

  /** What was seen, from the values of the readings. */
  sample(values: Float32Array): { parameters: ParameterSample[]; staleGradients: string[] } {
    if (this.#sums === undefined) return { parameters: [], staleGradients: this.#stale };
    const weights = norms(this.#sums.weights, values);
    const updates = norms(this.#sums.updates, values);
    const gradients = norms(this.#sums.gradients, values);
    const place = new Map([...this.#gradients.keys()].map((parameter, i) => [parameter, i]));
    const parameters = this.#named.map(([name, parameter], i): ParameterSample => {
      const at = place.get(parameter);
      return {
        ...{ name, shape: parameter.shape, learns: parameter.requiresGrad, optimized: this.#optimized.has(parameter) },
        ...{ weightNorm: weights[i], ...(at !== undefined && { gradientNorm: gradients[at] }), updateNorm: updates[i] },
      };
    });
    return { parameters, staleGradients: this.#stale };
  }
}

/** Copies in the current scope; the small ones lie one behind the other. */
function copies(gpu: Gpu, parameters: readonly Parameter[]): F32[] {
  const lengths = parameters.map(({ size }) => size);
  const arrays = allocPacked(gpu, lengths, 'parameterProbe');
  for (const [i, { buffer, size }] of parameters.entries()) gpu.copyRange(buffer, 0, arrays[i], 0, size);
  return arrays;
}

/** The norm of each array. */
function norms({ start, owners }: Sums, values: Float32Array): number[] {
  const squares: number[] = [];
  for (const [piece, owner] of owners.entries()) squares[owner] = (squares[owner] ?? 0) + values[start + piece];
  return squares.map(Math.sqrt);
}
