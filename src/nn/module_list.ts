import type { Shape, Tensor } from '../autograd/tensor.ts';
import { Module } from './module.ts';

/**
 * Modules in a list, for another module that calls them as it likes: PyTorch's ModuleList. Their names are '0', '1', …: in the property `blocks` of a
 * module, the second one's weight is `blocks.1.weight`, as it is in an array. The list itself computes nothing: `Sequential` calls one after the other.
 *
 *     this.heads = new ModuleList([new Linear(gpu, 64, 10), new Linear(gpu, 64, 3)]);
 *     …
 *     for (const head of this.heads) outputs.push(head.call(x));
 */
export class ModuleList<M extends Module = Module> extends Module implements Iterable<M> {
  readonly #modules: M[];

  constructor(modules: Iterable<M> = []) {
    super();
    this.#modules = [...modules];
  }

  override *namedChildren(): Generator<[string, Module]> {
    for (const [i, module] of this.#modules.entries()) yield [`${i}`, module];
  }

  get length(): number {
    return this.#modules.length;
  }

  [Symbol.iterator](): IterableIterator<M> {
    return this.#modules.values();
  }

  /** The module at a place, negative ones counted from the end. Throws RangeError where there is none. */
  at(place: number): M {
    const found = this.#modules.at(place);
    if (found === undefined || !Number.isInteger(place)) {
      throw new RangeError(`ModuleList: there is no module at ${place}; the list has ${this.length}.`);
    }
    return found;
  }

  /** Puts a module at the end. */
  append(module: M): this {
    this.#modules.push(module);
    return this;
  }

  /** Puts modules at the end. */
  extend(modules: Iterable<M>): this {
    this.#modules.push(...modules);
    return this;
  }

  /** Throws: a list computes nothing. */
  forward(_x: Tensor): Tensor {
    throw new Error('ModuleList: a list computes nothing; call the modules in it, or make it a Sequential.');
  }

  protected outputShape(_input: Shape): Shape {
    throw new Error('ModuleList: a list computes nothing; infer the shapes of the modules in it.');
  }
}
