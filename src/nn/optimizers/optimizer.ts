import { Tensor } from '../../autograd/tensor.ts';
import { copy } from '../../kernels/elementwise.ts';
import { allocPacked, pack, packedSpan, stretches } from '../../kernels/packing.ts';
import type { DeviceArray } from '../../runtime/gpu.ts';
import type { Parameter } from '../parameter.ts';
import { copyStateDict, type StateDict } from '../state_dict.ts';

/** What every optimizer is told about a group of parameters. */
export interface Hyperparameters {
  /** Learning rate. */
  lr: number;
  /** Strength of the pull of parameters towards 0. */
  weightDecay: number;
}

/** Parameters that share hyperparameters; those left out are the optimizer's. */
export type ParameterGroup<H extends Hyperparameters> = { parameters: readonly Parameter[] } & Partial<H>;

/** A state that can be saved and taken up again to the same bits. Its tensors are the optimizer's own, not copies. */
export interface OptimizerState {
  /** What is kept for each parameter, as '3.exp_avg': the parameter's place among all, and PyTorch's name. */
  tensors: StateDict;
  /** The rest, which JSON can hold. */
  scalars: {
    /** Steps done on each parameter. */
    steps: number[];
    /** The hyperparameters of each group and how many parameters it has. */
    groups: { parameters: number; hyperparameters: Record<string, unknown> }[];
  };
}

type F32 = DeviceArray<'f32'>;

/** Parameters that lie one behind the other in memory, or a single one, with their gradients and what the optimizer keeps for them likewise. */
export interface Slot {
  parameter: F32;
  grad: F32;
  kept: Readonly<Record<string, F32>>;
}

/**
 * Changes parameters by their gradients. The hyperparameters of `groups` may be changed between steps, as schedules do. Parameters that are
 * frozen or have no gradient are left alone.
 *
 * Small parameters, which are the many, are moved in their first step so that they lie one behind the other in memory, as does what is kept for
 * them; in each step their gradients follow. So one dispatch changes all small parameters of a group, more where some are left out of a step.
 */
export abstract class Optimizer<H extends Hyperparameters = Hyperparameters> {
  readonly groups: readonly ({ parameters: readonly Parameter[] } & H)[];
  /** The state of a loss scale (`GradScaler.state`), by which steps are skipped whose gradients are not finite. Default: none is. */
  scaling: F32 | undefined;
  #steps = new Map<Parameter, number>();
  #kept = new Map<Parameter, Record<string, Tensor>>();

  constructor(parameters: readonly Parameter[] | readonly ParameterGroup<H>[], defaults: H) {
    const plain = parameters.some((item) => item instanceof Tensor);
    const groups = (plain ? [{ parameters }] : parameters) as readonly ParameterGroup<H>[];
    this.groups = groups.map((group) => ({ ...defaults, ...group }));
    for (const group of this.groups) this.check(group);
    const all = this.#parameters();
    if (all.length === 0) throw new Error(`${this.constructor.name}: there are no parameters to optimize.`);
    if (new Set(all).size < all.length) throw new Error(`${this.constructor.name}: a parameter was given twice.`);
  }

  /** Throws RangeError for hyperparameters that make no sense. */
  protected abstract check(hyperparameters: H): void;

  /** What is kept for a parameter, by PyTorch's names. */
  protected abstract keptNames(hyperparameters: H): readonly string[];

  /** One step on parameters that have all done `stepsDone` steps before; at 0 what is kept for them is undefined. Gaps hold undefined numbers. */
  protected abstract update(slots: readonly Slot[], hyperparameters: H, stepsDone: number): void;

  /** Changes each parameter by its gradient. */
  step(): void {
    for (const group of this.groups) {
      const learning = group.parameters.filter(({ requiresGrad, grad }) => requiresGrad && grad !== undefined);
      if (learning.length === 0) continue;
      this.#keepFor(learning, group);
      const alike = new Map<number, Parameter[]>();
      for (const parameter of learning) {
        const stepsDone = this.#steps.get(parameter) ?? 0;
        const others = alike.get(stepsDone);
        if (others) others.push(parameter);
        else alike.set(stepsDone, [parameter]);
        this.#steps.set(parameter, stepsDone + 1);
      }
      for (const [stepsDone, parameters] of alike) {
        const { gpu } = parameters[0];
        gpu.scope(() => this.update(this.#slots(parameters, this.keptNames(group)), group, stepsDone));
      }
    }
  }

  /** Puts parameters together that lie one behind the other. */
  #slots(parameters: readonly Parameter[], names: readonly string[]): Slot[] {
    const grads = gradientsOf(parameters);
    const rows = parameters.map((parameter, i) => {
      const kept = this.#kept.get(parameter) as Record<string, Tensor>;
      return [parameter.buffer, ...names.map((name) => kept[name].buffer), grads[i]];
    });
    return stretches(rows, 1 + names.length).map((stretch) => {
      const [parameter, ...others] = stretch[0].map((_, column) => packedSpan(stretch.map((row) => row[column])));
      const grad = others.pop() as F32;
      return { parameter, grad, kept: Object.fromEntries(names.map((name, n) => [name, others[n]])) };
    });
  }

  /** Forgets the gradients. */
  zeroGrad(): void {
    for (const parameter of this.#parameters()) parameter.zeroGrad();
  }

  stateDict(): OptimizerState {
    const tensors: StateDict = new Map();
    const parameters = this.#parameters();
    const steps = parameters.map((parameter) => this.#steps.get(parameter) ?? 0);
    for (const [i, parameter] of parameters.entries()) {
      for (const [name, tensor] of Object.entries(this.#kept.get(parameter) ?? {})) tensors.set(`${i}.${name}`, tensor);
    }
    const groups = this.groups.map(({ parameters: { length }, ...hyperparameters }) => ({
      parameters: length,
      hyperparameters,
    }));
    return { tensors, scalars: { steps, groups } };
  }

  /**
   * Takes a saved state over, hyperparameters included; parameters must come in the same groups and order.
   * Throws, the optimizer untouched, where the state is another optimizer's or model's.
   */
  loadStateDict({ tensors, scalars }: OptimizerState): void {
    const parameters = this.#parameters();
    this.#checkScalars(scalars, parameters.length);
    const groups = this.groups.map((group, g) => ({ ...group, ...scalars.groups[g].hyperparameters }));
    for (const group of groups) this.check(group);
    const kept = new Map<Parameter, Record<string, Tensor>>();
    const targets: StateDict = new Map();
    const place = new Map(parameters.map((parameter, i) => [parameter, i]));
    for (const group of groups) {
      const stepped = group.parameters.filter((parameter) => scalars.steps[place.get(parameter) as number] > 0);
      if (stepped.length === 0) continue;
      for (const [parameter, own] of this.#newKept(stepped, this.keptNames(group))) {
        kept.set(parameter, own);
        for (const [name, tensor] of Object.entries(own)) targets.set(`${place.get(parameter)}.${name}`, tensor);
      }
    }
    copyStateDict(tensors, targets, true);
    this.#kept = kept;
    this.#steps = new Map(parameters.map((parameter, i) => [parameter, scalars.steps[i]]));
    for (const [g, group] of this.groups.entries()) Object.assign(group, scalars.groups[g].hyperparameters);
  }

  #parameters(): Parameter[] {
    return this.groups.flatMap((group) => group.parameters);
  }

  /** Sees to it that there is something kept for each, or room for it in a first step. */
  #keepFor(parameters: readonly Parameter[], hyperparameters: H): void {
    const names = this.keptNames(hyperparameters);
    // A momentum that was 0 so far has nothing kept for it: the count begins anew.
    const fresh = parameters.filter((parameter) => {
      const kept = this.#kept.get(parameter);
      return kept === undefined || names.some((name) => !Object.hasOwn(kept, name));
    });
    if (fresh.length === 0) return;
    for (const [parameter, kept] of this.#newKept(fresh, names)) {
      this.#kept.set(parameter, kept);
      this.#steps.set(parameter, 0);
    }
  }

  /** What is to be kept for parameters, its contents undefined. Moves the parameters so that they lie as it does. */
  #newKept(parameters: readonly Parameter[], names: readonly string[]): Map<Parameter, Record<string, Tensor>> {
    const { gpu } = parameters[0];
    const sizes = parameters.map(({ size }) => size);
    pack(parameters.map(({ buffer }) => buffer));
    const columns = gpu.unscoped(() => names.map((name) => allocPacked(gpu, sizes, name)));
    // A first step that is skipped leaves what is kept as it is, and a checkpoint may be made of it.
    if (this.scaling) for (const array of columns.flat()) gpu.write(array, new Float32Array(array.length));
    return new Map(
      parameters.map((parameter, i) => [
        parameter,
        Object.fromEntries(names.map((name, n) => [name, new Tensor(columns[n][i], parameter.shape)])),
      ]),
    );
  }

  #checkScalars({ steps, groups }: OptimizerState['scalars'], parameters: number): void {
    const name = this.constructor.name;
    const sizes = this.groups.map((group) => group.parameters.length);
    const found = groups.map((group) => group.parameters);
    if (`${sizes}` !== `${found}` || steps.length !== parameters) {
      throw new Error(
        `${name}: the saved state has groups of [${found}] parameters, this optimizer groups of [${sizes}].`,
      );
    }
    for (const [g, { parameters: _, ...own }] of this.groups.entries()) {
      const [expected, saved] = [own, groups[g].hyperparameters].map((h) => Object.keys(h).sort().join(', '));
      if (expected !== saved) {
        throw new Error(
          `${name}: the saved state has the hyperparameters ${saved}; ${expected} are needed. It is another optimizer's.`,
        );
      }
    }
  }
}

/** The gradients of parameters, each in memory of its own. */
function gradientsOf(parameters: readonly Parameter[]): F32[] {
  const seen = new Set<F32>();
  return parameters.map((parameter) => {
    const { buffer, gpu } = parameter.grad as Tensor;
    // Somebody may have given one gradient to two parameters.
    const own = seen.has(buffer) ? gpu.scope(() => copy(buffer)) : buffer;
    seen.add(own);
    return own;
  });
}

/** Throws RangeError unless the number is at least 0, and below `below`. */
export function checkRange(what: string, value: number, below = Number.POSITIVE_INFINITY): void {
  if (!(value >= 0 && value < below)) {
    const most = below === Number.POSITIVE_INFINITY ? '' : ` and below ${below}`;
    throw new RangeError(`${what} must be a number of at least 0${most}, not ${value}.`);
  }
}
