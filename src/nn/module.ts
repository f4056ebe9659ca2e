import type { Shape, Tensor } from '../autograd/tensor.ts';
import { HalfPrecisionError } from '../runtime/errors.ts';
import { Parameter, PersistentBuffer } from './parameter.ts';
import { copyStateDict, type LoadResult, type StateDict } from './state_dict.ts';

/** Called before a module's forward pass with what goes in. */
export type ForwardPreHook = (module: Module, input: Tensor) => void;
/** Called after a module's forward pass with what went in and what came out. To use `output` later, call keep() on it. */
export type ForwardHook = (module: Module, input: Tensor, output: Tensor) => void;
/** Called in backward() with ∂loss/∂output of a module. To use the gradient later, call keep() on it. */
export type OutputGradientHook = (module: Module, gradient: Tensor) => void;
/** Called when the shape of a module's output was inferred. */
export type ShapeHook = (module: Module, input: Shape, output: Shape) => void;

/** PyTorch's spelling of a property: runningMean → running_mean. */
function snakeCase(property: string): string {
  return property.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Adds to a list of hooks; returns what removes it again. */
function addHook<H>(hooks: H[], hook: H): () => void {
  hooks.push(hook);
  return () => {
    const at = hooks.indexOf(hook);
    if (at >= 0) hooks.splice(at, 1);
  };
}

/**
 * A part of a network: a function of a tensor with parameters of its own, made of other modules. PyTorch's nn.Module.
 *
 * A subclass keeps what it is made of in properties, where it is found by itself: modules, arrays of modules, `Parameter`s and
 * `PersistentBuffer`s. It says what it computes in `forward` and, so that it can be described without running, in `outputShape`.
 * Users call `call`.
 *
 * Names are PyTorch's: the property `bn1` of the third child of `features`, with its property `runningMean`, is `features.2.bn1.running_mean`.
 */
export abstract class Module {
  /** Whether dropout drops and batch norm uses the batch's own statistics. Set by train() and eval(). */
  training = true;
  #forwardPreHooks: ForwardPreHook[] = [];
  #forwardHooks: ForwardHook[] = [];
  #shapeHooks: ShapeHook[] = [];

  /** What the module computes. Written by subclasses; users call `call`, which also runs the hooks and frees intermediates. */
  abstract forward(x: Tensor): Tensor;

  /** The shape of forward's result for an input of this shape. Throws ShapeError where the input does not fit. */
  protected abstract outputShape(input: Shape): Shape;

  /** FLOPs of this module's own arithmetic, that of its children not counted; one multiply-add is two. See `summarize`. */
  flops(_input: Shape): number {
    return 0;
  }

  /** What distinguishes it from others of its class, for printing: '3 → 64, 3×3'. */
  details(): string {
    return '';
  }

  /** Computes the module's output. What it made on the way is recycled at once, save what the backward pass needs. */
  call(x: Tensor): Tensor {
    return x.gpu.scope(() => {
      for (const hook of [...this.#forwardPreHooks]) hook(this, x);
      const y = this.#forward(x);
      for (const hook of [...this.#forwardHooks]) hook(this, x, y);
      return y;
    });
  }

  #forward(x: Tensor): Tensor {
    try {
      return this.forward(x);
    } catch (error) {
      if (error instanceof HalfPrecisionError) error.module ??= this;
      throw error;
    }
  }

  /** The shape of the output for an input of this shape, found without computing anything. */
  inferShape(input: Shape): Shape {
    const output = this.outputShape(input);
    for (const hook of [...this.#shapeHooks]) hook(this, input, output);
    return output;
  }

  // -- What it is made of -------------------------------------------------------------------------------------------------------------

  /** The modules that this one is directly made of, with their names. */
  *namedChildren(): Generator<[string, Module]> {
    for (const [property, value] of Object.entries(this)) {
      const name = snakeCase(property);
      if (value instanceof Module) yield [name, value];
      else if (Array.isArray(value)) {
        for (const [i, item] of value.entries()) if (item instanceof Module) yield [`${name}.${i}`, item];
      }
    }
  }

  /** This module, named '', and all inside it with their dotted names, outer before inner, each once. */
  namedModules(): [string, Module][] {
    const found = new Map<Module, string>();
    const visit = (module: Module, name: string) => {
      if (found.has(module)) return;
      found.set(module, name);
      for (const [child, inner] of module.namedChildren()) visit(inner, name === '' ? child : `${name}.${child}`);
    };
    visit(this, '');
    return [...found].map(([module, name]) => [name, module]);
  }

  /** The module of that dotted name, '' being this one. Throws where there is none, naming those there are. */
  getModule(name: string): Module {
    const modules = this.namedModules();
    const found = modules.find(([known]) => known === name);
    if (found === undefined) {
      const names = modules.slice(1).map(([known]) => known);
      throw new Error(`There is no module '${name}'; the modules are: ${names.join(', ')}.`);
    }
    return found[1];
  }

  /** Every tensor of a class among the modules' properties, each once. */
  #namedTensors<C extends Tensor>(kind: new (...args: never[]) => C): [string, C][] {
    const found = new Map<C, string>();
    for (const [owner, module] of this.namedModules()) {
      for (const [property, value] of Object.entries(module)) {
        if (!(value instanceof kind) || found.has(value)) continue;
        const name = snakeCase(property);
        found.set(value, owner === '' ? name : `${owner}.${name}`);
      }
    }
    return [...found].map(([tensor, name]) => [name, tensor]);
  }

  /** The parameters among this module's own properties, those of its children left out. */
  ownParameters(): Parameter[] {
    return Object.values(this).filter((value) => value instanceof Parameter);
  }

  /** The parameters of this module and all inside it, with their dotted names. */
  namedParameters(): [string, Parameter][] {
    return this.#namedTensors(Parameter);
  }

  /** The parameters of this module and all inside it. */
  parameters(): Parameter[] {
    return this.namedParameters().map(([, parameter]) => parameter);
  }

  /** What is saved besides parameters, such as running statistics, with dotted names. */
  namedBuffers(): [string, PersistentBuffer][] {
    return this.#namedTensors(PersistentBuffer);
  }

  /** What is saved besides parameters, such as running statistics. */
  buffers(): PersistentBuffer[] {
    return this.namedBuffers().map(([, buffer]) => buffer);
  }

  // -- Modes --------------------------------------------------------------------------------------------------------------------------

  /** Puts this module and all inside it into training mode, or, with false, into evaluation mode. */
  train(training = true): this {
    for (const [, module] of this.namedModules()) module.training = training;
    return this;
  }

  /** Puts this module and all inside it into evaluation mode. */
  eval(): this {
    return this.train(false);
  }

  /** Freezes all parameters (false) or lets them learn again (true). */
  setRequiresGrad(requiresGrad: boolean): this {
    for (const parameter of this.parameters()) parameter.requiresGrad = requiresGrad;
    return this;
  }

  /** Forgets the gradients of all parameters. */
  zeroGrad(): void {
    for (const parameter of this.parameters()) parameter.zeroGrad();
  }

  // -- Hooks --------------------------------------------------------------------------------------------------------------------------

  /** Whether somebody looks at this module's forward passes. */
  get isHooked(): boolean {
    return this.#forwardPreHooks.length + this.#forwardHooks.length > 0;
  }

  /** Calls `hook` before each forward pass of this module. Returns what removes the hook. */
  registerForwardPreHook(hook: ForwardPreHook): () => void {
    return addHook(this.#forwardPreHooks, hook);
  }

  /** Calls `hook` after each forward pass of this module. Returns what removes the hook. */
  registerForwardHook(hook: ForwardHook): () => void {
    return addHook(this.#forwardHooks, hook);
  }

  /** Calls `hook` in each backward pass with the gradient with respect to this module's output. Returns what removes the hook. */
  registerOutputGradientHook(hook: OutputGradientHook): () => void {
    let removed = false;
    const remove = this.registerForwardHook((_module, _input, output) => {
      if (!output.requiresGrad) return;
      output.registerHook((gradient) => {
        if (!removed) hook(this, gradient);
      });
    });
    return () => {
      removed = true;
      remove();
    };
  }

  /** Calls `hook` when the shape of this module's output is inferred. Returns what removes the hook. */
  registerShapeHook(hook: ShapeHook): () => void {
    return addHook(this.#shapeHooks, hook);
  }

  // -- State --------------------------------------------------------------------------------------------------------------------------

  /**
   * Parameters and buffers by their dotted names. They are the module's own tensors, not copies: what trains on changes them. Layouts
   * are the engine's (see src/nn/weights/layout.ts for PyTorch's).
   */
  stateDict(): StateDict {
    return new Map<string, Tensor>([...this.namedParameters(), ...this.namedBuffers()]);
  }

  /**
   * Copies values into parameters and buffers by name. With `strict` (default) each name must be there and no other.
   * Throws StateDictError, the module untouched, where names or shapes do not fit. Returns the names passed over when not strict.
   */
  loadStateDict(state: StateDict, { strict = true }: { strict?: boolean } = {}): LoadResult {
    return copyStateDict(state, this.stateDict(), strict);
  }

  // -- Printing -----------------------------------------------------------------------------------------------------------------------

  /** The tree of modules, one a line. */
  toString(): string {
    const details = this.details();
    const head = details === '' ? this.constructor.name : `${this.constructor.name}(${details})`;
    const children = [...this.namedChildren()].map(([name, module]) => `${name}: ${module}`.replaceAll('\n', '\n  '));
    return children.length === 0 ? head : `${head} {\n  ${children.join('\n  ')}\n}`;
  }

  /** What Node prints for console.log(module). */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}
