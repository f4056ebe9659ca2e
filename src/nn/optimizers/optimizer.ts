import { Tensor } from '../../autograd/tensor.ts';
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

/** A parameter with its gradient and what the optimizer keeps for it. */
export interface Slot {
  parameter: Tensor;
  grad: Tensor;
  kept: Readonly<Record<string, Tensor>>;
}

/**
 * Changes parameters by their gradients. The hyperparameters of `groups` may be changed between steps, as schedules do. Parameters that are
 * frozen or have no gradient are left alone.
 */
export abstract class Optimizer<H extends Hyperparameters = Hyperparameters> {
  readonly groups: readonly ({ parameters: readonly Parameter[] } & H)[];
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

  /** One step on parameters that have all done `stepsDone` steps before; at 0 what is kept for them is undefined. */
  protected abstract update(slots: readonly Slot[], hyperparameters: H, stepsDone: number): void;

  /** Changes each parameter by its gradient. */
  step(): void {
    for (const group of this.groups) {
      const slots = new Map<number, Slot[]>();
      for (const parameter of group.parameters) {
        const { grad } = parameter;
        if (!parameter.requiresGrad || grad === undefined) continue;
        const slot = { parameter, grad, kept: this.#keptFor(parameter, group) };
        const stepsDone = this.#steps.get(parameter) ?? 0;
        const alike = slots.get(stepsDone);
        if (alike) alike.push(slot);
        else slots.set(stepsDone, [slot]);
        this.#steps.set(parameter, stepsDone + 1);
      }
      for (const [stepsDone, alike] of slots) this.update(alike, group, stepsDone);
    }
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
    for (const group of groups) {
      for (const parameter of group.parameters) {
        const i = parameters.indexOf(parameter);
        if (scalars.steps[i] === 0) continue;
        const own = this.#newKept(parameter, group);
        kept.set(parameter, own);
        for (const [name, tensor] of Object.entries(own)) targets.set(`${i}.${name}`, tensor);
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

  #keptFor(parameter: Parameter, hyperparameters: H): Record<string, Tensor> {
    let kept = this.#kept.get(parameter);
    // A momentum that was 0 so far has nothing kept for it: the count begins anew.
    if (kept === undefined || this.keptNames(hyperparameters).some((name) => !Object.hasOwn(kept as object, name))) {
      kept = this.#newKept(parameter, hyperparameters);
      this.#kept.set(parameter, kept);
      this.#steps.set(parameter, 0);
    }
    return kept;
  }

  #newKept(parameter: Parameter, hyperparameters: H): Record<string, Tensor> {
    const { gpu, size, shape } = parameter;
    return gpu.unscoped(() =>
      Object.fromEntries(
        this.keptNames(hyperparameters).map((name) => [name, new Tensor(gpu.alloc(size, 'f32', name), shape)]),
      ),
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

/** Throws RangeError unless the number is at least 0, and below `below`. */
export function checkRange(what: string, value: number, below = Number.POSITIVE_INFINITY): void {
  if (!(value >= 0 && value < below)) {
    const most = below === Number.POSITIVE_INFINITY ? '' : ` and below ${below}`;
    throw new RangeError(`${what} must be a number of at least 0${most}, not ${value}.`);
  }
}
